import Logging
import NIOCore

/// Replies that are passed on once the server has confirmed that what they answer is safe.
extension RedisConnection {
    /// Asks the server to confirm all that was written before; to be flushed.
    func writeConfirmation() {
        confirmation?.begin()
        clearOutput()
        for command in confirmation?.commands ?? [] { command.write(to: &output) }
        channel?.write(output, promise: nil)
    }

    private static let pauseAfterRefusedMark = TimeAmount.milliseconds(100)

    private func askAgain() {
        writeConfirmation()
        channel?.flush()
    }

    private func tell(_ lacking: String) {
        if self.lacking == nil {
            logger.warning("what was written waits for its copies, and all that follows with it", metadata: ["lacking": "\(lacking)"])
        }
        self.lacking = lacking
    }

    /// The server has answered whether it is safe.
    ///
    /// - Parameters:
    ///   - reply: What it has answered.
    ///   - generation: Of which channel.
    ///   - isLeaving: Whether the channel is about to be left: nothing more is written to it.
    func confirm(with reply: RESPValue, on generation: UInt64, isLeaving: Bool) {
        guard let verdict = confirmation?.receive(reply) else { return }
        switch verdict {
        case .confirmed:
            if lacking != nil { logger.info("the server confirms again what is written") }
            lacking = nil
            for (waiter, reply) in queue.confirmed() { waiter.resume(with: .success(reply)) }
        case .lacking(let lacking):
            tell(lacking)
            if !isLeaving, queue.unconfirmed() { askAgain() }
        case .unmarked(let lacking):
            tell(lacking)
            if !isLeaving, queue.unconfirmed() {
                eventLoop.assumeIsolated().scheduleTask(in: Self.pauseAfterRefusedMark) {
                    self.assumeIsolated { if generation == $0.lifecycle.generation { $0.askAgain() } }
                }
            }
        case .refused(let error, let isForGood):
            // What is left for another reason is left for that.
            guard !isLeaving else { return }
            let failure = RedisError(unconfirmed: error, isForGood: isForGood, at: configuration.durability)
            return disconnected(generation, failure, .unfit)
        }
        guard !isLeaving else { return }
        writeWaiting()
        scheduleDeadline()
    }
}

extension RedisError {
    /// The server has refused to confirm what is written. A primary that has become a replica does as well: the next handshake finds the new one.
    fileprivate init(unconfirmed error: RedisServerError, isForGood: Bool, at durability: RedisDurability) {
        guard isForGood else {
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
