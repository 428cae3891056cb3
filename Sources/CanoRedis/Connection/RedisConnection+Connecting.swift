import Logging
import NIOCore
import Synchronization

/// Making channels, and what happens when one is lost.
extension RedisConnection {
    func perform(_ action: ConnectionLifecycle.Action) {
        switch action {
        case .nothing: break
        case .connect(let generation): connect(generation)
        case .pause(let failures):
            let delay = configuration.reconnectBackoff.delay(afterFailures: failures, random: random())
            eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { self.assumeIsolated { $0.pauseEnded() } }
        }
    }

    private func pauseEnded() {
        perform(lifecycle.pauseEnded(isWanted: queue.hasWaiting))
    }

    private func connect(_ generation: UInt64) {
        let timeout = TimeAmount(configuration.connectTimeout)
        attemptDeadline = eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.assumeIsolated {
                $0.disconnected(generation, RedisError(.connectFailed, "no connection to \($0.connector.address) within \(timeout)"))
            }
        }
        connector.connect(on: eventLoop) { channel in
            try channel.pipeline.syncOperations.addHandler(RedisChannelHandler(connection: self, generation: generation))
        }.hop(to: eventLoop).whenComplete { result in
            self.assumeIsolated { $0.opened(result, generation) }
        }
    }

    private func opened(_ result: Result<any Channel, any Error>, _ generation: UInt64) {
        switch result {
        case .failure(let error):
            let failure = RedisError(transport: error)
            disconnected(
                generation,
                failure.code == .connectionClosed
                    ? RedisError(.connectFailed, "no connection to \(connector.address)", underlying: error) : failure)
        case .success(let channel):
            guard generation == lifecycle.generation else { return channel.close(promise: nil) }
            self.channel = channel
            let handshake = Handshake(configuration)
            self.handshake = handshake
            clearOutput()
            for command in handshake.commands { EncodedCommand(command).write(to: &output) }
            channel.writeAndFlush(output, promise: nil)
        }
    }

    func advanceHandshake(with reply: RESPValue) {
        switch handshake?.receive(reply) {
        case .waiting, nil: break
        case .failed(let error): disconnected(lifecycle.generation, error)
        case .complete:
            if let refused = handshake?.refusedName {
                logger.info("the server refused the connection's name", metadata: ["error": "\(refused)"])
            }
            ready()
        }
    }

    private func ready() {
        handshake = nil
        attemptDeadline?.cancel()
        attemptDeadline = nil
        lastFailure = nil
        lifecycle.handshakeCompleted()
        logger.debug("connected to Redis", metadata: ["address": "\(connector.address)"])
        for action in readyActions.withLock({ $0 }) { action() }
        writeWaiting()
        scheduleDeadline()
    }

    /// The channel of `generation` failed, or never came to be; `isUnfit` when its server takes no writes.
    func disconnected(_ generation: UInt64, _ error: RedisError, isUnfit: Bool = false) {
        guard generation == lifecycle.generation, lifecycle.state != .closed else { return }
        let wasReady = lifecycle.isReady
        // An attempt that fails as the last one did is no news.
        let isNews = wasReady || error.description != lastFailure?.description
        logger.log(
            level: isNews ? .info : .debug, wasReady ? "lost the connection to Redis" : "could not connect to Redis",
            metadata: ["address": "\(connector.address)", "error": "\(error)"])
        lastFailure = error
        let failed = queue.connectionLost()
        let unsent = error.needsAttention ? queue.removeWaiting() : []
        let action = lifecycle.connectionLost(isWanted: queue.hasWaiting, isUnfit: isUnfit)
        dropChannel()
        fail(failed + unsent, error)
        perform(action)
        settle()
    }

    /// Closes the connection under a blocked read; the server offers no other way to stop one.
    func takeBack() {
        let failed = queue.connectionLost()
        let action = lifecycle.connectionTakenBack(isWanted: queue.hasWaiting)
        dropChannel()
        fail(failed, RedisError(.connectionClosed, "the connection was closed to cancel a read"))
        perform(action)
    }

    func dropChannel() {
        attemptDeadline?.cancel()
        attemptDeadline = nil
        handshake = nil
        // Closing speaks back at once, through the handler; by then this must not be the channel any more.
        let dropped = channel
        channel = nil
        dropped?.close(promise: nil)
    }
}
