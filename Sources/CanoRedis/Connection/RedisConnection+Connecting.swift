import Logging
import NIOCore
import Synchronization

/// Making channels, and what happens when one is lost.
extension RedisConnection {
    /// The time for one attempt where others can be asked as well.
    private static let patienceWithOneOfSeveral = Duration.seconds(2)

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
        let attempt = search.next()
        // A server that keeps silent must not keep us from asking another.
        let longest = configuration.connectTimeout
        let timeout = TimeAmount(search.hasAlternatives ? min(longest, Self.patienceWithOneOfSeveral) : longest)
        attemptDeadline = eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.assumeIsolated {
                $0.disconnected(generation, RedisError(.connectFailed, "no connection to \(attempt.address) within \(timeout)"))
            }
        }
        connector.connect(to: attempt.address, on: eventLoop) { channel in
            try channel.pipeline.syncOperations.addHandler(RedisChannelHandler(connection: self, generation: generation))
        }.hop(to: eventLoop).whenComplete { result in
            self.assumeIsolated { $0.opened(result, attempt, generation) }
        }
    }

    private func opened(_ result: Result<any Channel, any Error>, _ attempt: ServerSearch.Attempt, _ generation: UInt64) {
        switch result {
        case .failure(let error):
            let failure = RedisError(transport: error)
            disconnected(generation, failure.code == .connectionClosed ? .connectFailed(attempt.address, error) : failure)
        case .success(let channel):
            guard generation == lifecycle.generation else { return channel.close(promise: nil) }
            self.channel = channel
            let handshake = Handshake(configuration, attempt, slot: search.slot)
            self.handshake = handshake
            writeHandshake(handshake.commands)
        }
    }

    private func writeHandshake(_ commands: [RESPCommand]) {
        clearOutput()
        for command in commands { EncodedCommand(command).write(to: &output) }
        channel?.writeAndFlush(output, promise: nil)
    }

    func advanceHandshake(with reply: RESPValue) {
        switch handshake?.receive(reply) {
        case .waiting, nil: break
        case .ask(let command): writeHandshake([command])
        case .elsewhere(let address): go(to: address)
        case .failed(let error): disconnected(lifecycle.generation, error)
        case .complete:
            if let refused = handshake?.refusedName {
                logger.info("the server refused the connection's name", metadata: ["error": "\(refused)"])
            }
            ready()
        }
    }

    /// Leaves a server that names another one.
    private func go(to address: RedisAddress) {
        logger.debug("a server names another one", metadata: ["address": "\(search.current)", "named": "\(address)"])
        let pace = search.sent(to: address, knowing: handshake?.slots)
        let action = lifecycle.connectionLost(isWanted: queue.hasWaiting, pace: pace)
        dropChannel()
        perform(action)
    }

    private func ready() {
        search.found(knowing: handshake?.slots)
        handshake = nil
        attemptDeadline?.cancel()
        attemptDeadline = nil
        note(nil)
        // Who was told of trouble is told of its end, and where the connection leads by now.
        logger.log(level: toldFailures.isEmpty ? .debug : .info, "connected to Redis", metadata: ["address": "\(search.current)"])
        toldFailures.removeAll()
        lifecycle.handshakeCompleted()
        readyCount.add(1, ordering: .relaxed)
        for action in readyActions.withLock({ $0 }) { action() }
        writeWaiting()
        scheduleDeadline()
    }

    /// The channel of `generation` failed, or never came to be.
    func disconnected(_ generation: UInt64, _ error: RedisError, _ loss: ServerSearch.Loss = .gone) {
        guard generation == lifecycle.generation, lifecycle.state != .closed else { return }
        let wasReady = lifecycle.isReady
        // An attempt that fails as one before is no news.
        let isNews = toldFailures.insert(error.description).inserted || wasReady
        logger.log(
            level: isNews ? .info : .debug, wasReady ? "lost the connection to Redis" : "could not connect to Redis",
            metadata: ["address": "\(search.current)", "error": "\(error)"])
        note(error)
        let failed = queue.connectionLost()
        let pace = wasReady ? search.lost(loss) : search.failed()
        // What is wrong with one address need not be wrong with the next.
        let unsent = error.needsAttention && pace != .atOnce ? queue.removeWaiting() : []
        let action = lifecycle.connectionLost(isWanted: queue.hasWaiting, pace: pace)
        dropChannel()
        fail(failed + unsent, error)
        perform(action)
        settle()
    }

    /// Closes the connection under a blocked read; the server offers no other way to stop one.
    func takeBack() {
        let failed = queue.connectionLost()
        search.takenBack()
        let action = lifecycle.connectionTakenBack(isWanted: queue.hasWaiting)
        dropChannel()
        fail(failed, RedisError(.connectionClosed, "the connection was closed to cancel a read"))
        perform(action)
    }

    func dropChannel() {
        attemptDeadline?.cancel()
        attemptDeadline = nil
        handshake = nil
        lacking = nil
        // Closing speaks back at once, through the handler; by then this must not be the channel any more.
        let dropped = channel
        channel = nil
        dropped?.close(promise: nil)
    }
}
