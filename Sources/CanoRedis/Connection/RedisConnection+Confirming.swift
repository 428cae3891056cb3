import Logging
import NIOCore

/// Replies that are passed on once the server has confirmed that what they answer is safe.
extension RedisConnection {
    /// Asks the server to confirm all that was written before; to be flushed.
    func writeConfirmation() {
        guard let confirmation else { return }
        clearOutput()
        confirmation.command.write(to: &output)
        channel?.write(output, promise: nil)
    }

    /// The server has answered whether it is safe.
    func confirm(with reply: RESPValue, on generation: UInt64) {
        switch confirmation?.verdict(reply) {
        case .confirmed, nil:
            if lacking != nil { logger.info("the server confirms again what is written") }
            lacking = nil
            for (waiter, reply) in queue.confirmed() { waiter.resume(with: .success(reply)) }
            writeWaiting()
            scheduleDeadline()
        case .lacking(let lacking):
            if self.lacking == nil {
                logger.warning("what was written waits for its copies, and all that follows with it", metadata: ["lacking": "\(lacking)"])
            }
            self.lacking = lacking
            if queue.unconfirmed() {
                writeConfirmation()
                channel?.flush()
            } else {
                writeWaiting()
            }
        case .refused(let error): disconnected(generation, RedisError(unconfirmed: error, at: configuration.durability), .unfit)
        }
    }
}

extension RedisError {
    /// The server has refused to confirm what is written. A primary that has become a replica does as well: the next handshake finds the new one.
    fileprivate init(unconfirmed error: RedisServerError, at durability: RedisDurability) {
        guard error.saysUnconfirmable else {
            self.init(.connectionClosed, "the server can't confirm what is written any more", underlying: error)
            return
        }
        self.init(
            .unconfirmable,
            """
            the server can't confirm what is written, as the durability \(durability) asks: \(error.explanation()). WAITAOF needs Redis 7.2 or \
            Valkey 7.2, and appendonly yes; a user needs +wait and +waitaof.
            """, underlying: error)
    }
}
