/** A TCP socket in the agent's own network, by IPv4: an end of a connection, or without `remote` a listener that takes connections to `local`. */
export interface TcpSocket { readonly local: TcpAddress, readonly remote?: TcpAddress | undefined }

export interface TcpAddress { readonly ip: string, readonly port: number }
