import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// A connection that comes back: one channel after another, and the queue of commands that outlives them.
///
/// An actor on its event loop: everything here runs there, synchronously, with no other thread or task involved, reconnecting
/// included. The decisions are ``CommandQueue``'s, ``ConnectionLifecycle``'s, ``ServerSearch``'s and ``Handshake``'s. This file
/// moves commands and replies; the extensions hold the way in from other threads, and the making and losing of channels.
actor RedisConnection {
    nonisolated let eventLoop: any EventLoop
    nonisolated let submissions: SubmissionQueue
    private nonisolated let executor: any SerialExecutor
    nonisolated let readyActions = Mutex<[@Sendable () -> Void]>([])
    private nonisolated let lastID = Atomic<UInt64>(0)
    /// How many handshakes were completed.
    nonisolated let readyCount = Atomic<Int>(0)
    private nonisolated let failure = Mutex<RedisError?>(nil)
    /// Whether the owner of the connection has no time to wait for replies.
    private nonisolated let forgoesReplies = Atomic<Bool>(false)

    let configuration: RedisConfiguration
    private let use: ConnectionLifecycle.Use
    let connector: any RedisConnector
    let logger: Logger
    let random: @Sendable () -> Double

    var lifecycle: ConnectionLifecycle
    var search: ServerSearch
    /// Asked after everything that is written together; nil where replies need no confirmation.
    var confirmation: WriteConfirmation?
    /// What the server lacked when it was asked last, until it confirms.
    var lacking: String?
    var queue: CommandQueue<ReplyWaiter>
    var channel: (any Channel)?
    var handshake: Handshake?
    private var batch = SubmissionQueue.Batch()
    var output: ByteBuffer
    private var deadline: Scheduled<Void>?
    var attemptDeadline: Scheduled<Void>?
    private var lastRead = NIODeadline.uptimeNanoseconds(0)
    /// Why attempts have failed since the last connection: what is told once.
    var toldFailures: Set<String> = []
    private var isShuttingDown = false
    private var closeWaiters: [CheckedContinuation<Void, Never>] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        _ configuration: RedisConfiguration, use: ConnectionLifecycle.Use, eventLoop: any EventLoop, connector: any RedisConnector,
        logger: Logger, random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.configuration = configuration
        self.use = use
        self.eventLoop = eventLoop
        self.connector = connector
        self.logger = logger
        self.random = random
        executor = eventLoop.executor
        submissions = SubmissionQueue(
            maximumCount: configuration.maximumQueuedCommands, maximumBytes: configuration.maximumQueuedBytes)
        lifecycle = ConnectionLifecycle(use)
        search = ServerSearch(configuration)
        // What a blocking read writes is who has an entry; what is done with that is written on a shared connection.
        confirmation = use == .shared ? WriteConfirmation(configuration.durability, mark: configuration.durabilityMark) : nil
        queue = CommandQueue(confirmsReplies: confirmation != nil)
        output = ByteBufferAllocator().buffer(capacity: Self.chunkSize)
    }

    /// Commands are handed to the channel in pieces of about this many bytes, looking in between whether it wants more.
    private static let chunkSize = 64 << 10

    /// A name for a command that is about to be submitted.
    nonisolated func makeID() -> UInt64 {
        lastID.add(1, ordering: .relaxed).newValue
    }

    /// How many commands were submitted, and how many handshakes completed.
    nonisolated var statistics: (commands: Int, connections: Int) {
        (Int(clamping: lastID.load(ordering: .relaxed)), readyCount.load(ordering: .relaxed))
    }

    /// Has an action called after each handshake.
    nonisolated func onReady(_ action: @escaping @Sendable () -> Void) {
        readyActions.withLock { $0.append(action) }
    }

    /// Why there is no connection; nil while there is one.
    nonisolated var lastFailure: RedisError? { failure.withLock { $0 } }

    nonisolated func note(_ failure: RedisError?) { self.failure.withLock { $0 = failure } }

    /// How many commands wait to be written.
    var waitingCount: Int { queue.waitingCount }

    // MARK: Commands

    /// Takes what callers left in the submission queue. Runs once per burst, so the write and the flush at its end serve all of it.
    func drain() {
        submissions.drain(into: &batch)
        for submission in batch.submissions {
            queue.append(
                CommandQueue.Slot(
                    id: submission.id, waiter: submission.waiter, command: submission.command, byteCount: submission.byteCount,
                    deadline: submission.deadline, isIdempotent: submission.isIdempotent))
        }
        if !batch.cancelled.isEmpty { abandon(batch.cancelled) }
        batch.clear()
        if lifecycle.state == .closed {
            fail(queue.removeAll(), RedisError(.clientShutDown, "the client was shut down"))
        } else {
            if queue.hasWaiting { perform(lifecycle.commandsWait()) }
            writeWaiting()
            scheduleDeadline()
        }
        settle()
    }

    /// Writes as many waiting commands as the channel takes, and flushes once.
    func writeWaiting() {
        guard lifecycle.isReady, queue.mayWrite, let channel else { return }
        while channel.isWritable, queue.hasWaiting {
            clearOutput()
            while output.readableBytes < Self.chunkSize, let command = queue.writeNext() { command.write(to: &output) }
            channel.write(output, promise: nil)
        }
        if queue.beginConfirmation() { writeConfirmation() }
        channel.flush()
    }

    /// Readies the buffer for the next piece; one that a huge command has stretched is let go.
    func clearOutput() {
        if output.capacity > 4 * Self.chunkSize {
            output = ByteBufferAllocator().buffer(capacity: Self.chunkSize)
        } else {
            output.clear()
        }
    }

    /// Matches replies with those who wait for them.
    func received(_ replies: [RESPValue], on generation: UInt64) {
        guard generation == lifecycle.generation else { return }
        lastRead = eventLoop.now
        var loss: (reason: ServerSearch.Loss, error: RedisServerError)?
        for reply in replies {
            if handshake != nil {
                advanceHandshake(with: reply)
                guard generation == lifecycle.generation else { return }
                continue
            }
            if case .error(let error) = reply, let reason = search.loss(after: error) {
                let isRedirected = if case .moved = reason { true } else { false }
                // A node that has named another one is not asked twice.
                if isRedirected || loss == nil { loss = (reason, error) }
                // Such a command was not executed.
                if isRedirected, queue.putBackHead() { continue }
            }
            switch queue.takeReply(reply) {
            case .deliver(let waiter): waiter.resume(with: .success(reply))
            case .drop, .keep: break
            case .confirmation:
                confirm(with: reply, on: generation, isLeaving: loss != nil)
                guard generation == lifecycle.generation else { return }
            case .unsolicited:
                disconnected(generation, RedisError(.protocolError, "the server sent a reply to nothing"))
                return
            }
        }
        if let loss {
            // The address may lead to another server by now, and this connection never will.
            let error = RedisError(.connectionClosed, "the server can't serve this client any more", underlying: loss.error)
            disconnected(generation, error, loss.reason)
        }
        settle()
    }

    private func abandon(_ ids: Set<UInt64>) {
        let abandoned = queue.abandon(ids)
        guard !abandoned.isEmpty else { return }
        for failure in abandoned {
            let message = failure.wasWritten ? "the task was cancelled; what it sent may happen" : "the task was cancelled"
            failure.waiter.resume(with: .failure(RedisError(.cancelled, message, mayHaveBeenExecuted: failure.wasWritten)))
        }
        if use == .dedicated, abandoned.contains(where: \.wasWritten) { takeBack() }
    }

    /// One timer for the head of the line. It is not moved when the head is answered: it fires, finds the new head and is set for that.
    func scheduleDeadline() {
        guard deadline == nil, let next = queue.nextDeadline else { return }
        deadline = eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.assumeIsolated { $0.deadlineReached() } }
    }

    private func deadlineReached() {
        deadline = nil
        let now = eventLoop.now
        for failure in queue.expire(at: now) {
            failure.waiter.resume(with: .failure(expiry(of: failure)))
        }
        // Late replies are a slow server; no byte at all for so long is a dead connection, and only a new one will notice the difference.
        if lifecycle.isReady, queue.isHeadExpired, use == .dedicated || now - lastRead >= TimeAmount(configuration.commandTimeout) {
            disconnected(lifecycle.generation, RedisError(.connectionClosed, "the server stopped answering"))
        }
        scheduleDeadline()
        settle()
    }

    private func expiry(of failure: CommandQueue<ReplyWaiter>.Failure) -> RedisError {
        if failure.wasWritten {
            let message = lacking.map { "not confirmed within the deadline: \($0)" } ?? "no reply within the deadline"
            return RedisError(.timedOut, message, mayHaveBeenExecuted: true)
        }
        if lifecycle.isReady, let lacking {
            return RedisError(.timedOut, "not sent within the deadline: what was written before is not confirmed, for \(lacking)")
        }
        return RedisError(.timedOut, "not sent within the deadline: no connection to \(search.current)", underlying: lastFailure)
    }

    /// Gives room back to the submission queue, and ends a graceful shutdown when nothing is left to wait for.
    func settle() {
        let released = queue.takeReleased()
        if released.count > 0 { submissions.release(count: released.count, bytes: released.bytes) }
        if isShuttingDown, queue.isEmpty { close() }
    }

    func fail(_ failures: [CommandQueue<ReplyWaiter>.Failure], _ error: RedisError) {
        for failure in failures { failure.waiter.resume(with: .failure(error.forCommand(wasWritten: failure.wasWritten))) }
    }

    // MARK: Life

    /// Keeps the connection up until the task is cancelled or told to shut down gracefully.
    nonisolated func run() async throws {
        try await keepUp()
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await untilClosed()
            } onGracefulShutdown: {
                self.shutDown(gracefully: !self.forgoesReplies.load(ordering: .relaxed))
            }
        } onCancel: {
            shutDown(gracefully: false)
        }
    }

    func keepUp() throws {
        guard lifecycle.state != .closed else { throw RedisError(.clientShutDown, "the client was shut down") }
        perform(lifecycle.start())
    }

    nonisolated func forgoReplies() { forgoesReplies.store(true, ordering: .relaxed) }

    /// Stops taking commands. Gracefully waits for the replies that are owed; otherwise they fail.
    nonisolated func shutDown(gracefully: Bool) {
        submissions.close()
        eventLoop.execute {
            self.assumeIsolated { connection in
                if gracefully {
                    connection.isShuttingDown = true
                    connection.drain()
                } else {
                    connection.close()
                }
            }
        }
    }

    /// Returns once the connection is closed for good; not before, whatever happens to the calling task.
    func untilClosed() async {
        guard lifecycle.state != .closed else { return }
        await withCheckedContinuation { closeWaiters.append($0) }
    }

    private func close() {
        guard lifecycle.state != .closed else { return }
        lifecycle.close()
        deadline?.cancel()
        deadline = nil
        dropChannel()
        // Commands that came after the last drain fail in the next, which they have asked for themselves.
        fail(queue.removeAll(), RedisError(.clientShutDown, "the client was shut down"))
        for waiter in closeWaiters { waiter.resume() }
        closeWaiters.removeAll()
    }
}
