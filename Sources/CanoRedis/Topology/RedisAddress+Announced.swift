extension RedisAddress {
    /// An address that a server told.
    ///
    /// - Parameters:
    ///   - host: The host it told. A node that does not know what it is called, or won't say, gives none, an empty one or `?`: it means the host
    ///     that was asked.
    ///   - port: The port it told.
    ///   - asked: Where it was asked. A unix socket is on this machine.
    init?(announced host: String?, port: Int, by asked: RedisAddress) {
        guard (1...65_535).contains(port) else { return nil }
        if let host, !host.isEmpty, host != "?" {
            self = .host(host, port: port)
        } else if case .host(let host, _) = asked {
            self = .host(host, port: port)
        } else {
            self = .host("127.0.0.1", port: port)
        }
    }
}
