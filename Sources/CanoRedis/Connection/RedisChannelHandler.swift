import NIOCore

/// The last handler of a Redis channel: bytes become replies and go to the connection, a batch for each read.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: RedisConnection
    private let generation: UInt64
    private var reader: RESPReader

    init(connection: RedisConnection, generation: UInt64) throws(RedisError) {
        self.connection = connection
        self.generation = generation
        reader = try RESPReader()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var replies: [RESPValue] = []
        var failure: RedisError?
        do throws(RedisError) {
            try unwrapInboundIn(data).withUnsafeReadableBytes { bytes throws(RedisError) in try reader.feed(bytes) }
            while let reply = try reader.next() { replies.append(reply) }
        } catch {
            failure = error
        }
        let generation = generation
        connection.assumeIsolated { connection in
            connection.received(replies, on: generation)
            if let failure { connection.disconnected(generation, failure) }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { connection.assumeIsolated { $0.writeWaiting() } }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let generation = generation
        connection.assumeIsolated { $0.disconnected(generation, RedisError(transport: error)) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let generation = generation
        connection.assumeIsolated {
            $0.disconnected(generation, RedisError(.connectionClosed, "the server closed the connection"))
        }
        context.fireChannelInactive()
    }
}
