export const smallBytes = 10_000
/** Of the packed content: a program and its libraries pack about so well. */
export const archiveMegabytes = 65
