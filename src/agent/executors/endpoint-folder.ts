/** Where a container that is not on the host's network finds the socket of the executors' door. */
export const endpointFolder = '/mnt/mesos/agent'
export const endpointSocketName = 'executor.sock'
