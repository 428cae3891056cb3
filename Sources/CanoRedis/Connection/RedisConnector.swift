import NIOCore

/// Opens the channels of a connection. Tests put one in that needs no socket.
protocol RedisConnector: Sendable {
    /// Opens a channel to `address` on `eventLoop`.
    ///
    /// `initializer` adds the handlers above TLS; it must be run on the channel's loop.
    func connect(
        to address: RedisAddress, on eventLoop: any EventLoop, initializer: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel>
}
