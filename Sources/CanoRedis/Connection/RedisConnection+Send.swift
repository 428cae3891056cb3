import NIOCore

/// The way in, from any thread.
extension RedisConnection {
    /// Sends one command and waits for its reply.
    ///
    /// The caller costs one hop each way: its command waits in the submission queue for the loop, the loop resumes the task.
    nonisolated func send(_ command: EncodedCommand, timeout: TimeAmount, isIdempotent: Bool) async throws(RedisError) -> RESPValue {
        guard !Task.isCancelled else { throw RedisError(.cancelled, "the task was cancelled before the command was sent") }
        let id = makeID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(
                    Submission(
                        id: id, command: command, byteCount: command.byteCount, deadline: eventLoop.now + timeout,
                        isIdempotent: isIdempotent, waiter: .task(continuation)))
                // Cancelled before the command was in the queue: the handler below has looked for it too early.
                if Task.isCancelled { cancel([id]) }
            }
        } onCancel: {
            cancel([id])
        }
        return try result.get()
    }

    /// Sends one command; the completion runs on the connection's loop.
    nonisolated func send(
        _ command: EncodedCommand, timeout: TimeAmount, completion: @escaping @Sendable (Result<RESPValue, RedisError>) -> Void
    ) {
        submit(
            Submission(
                id: makeID(), command: command, byteCount: command.byteCount, deadline: eventLoop.now + timeout, isIdempotent: false,
                waiter: .callback(completion)))
    }

    /// Sends commands next to each other, all or none, and waits for every reply.
    nonisolated func send(
        _ commands: [(command: EncodedCommand, isIdempotent: Bool)], timeout: TimeAmount
    ) async throws(RedisError) -> [Result<RESPValue, RedisError>] {
        guard !commands.isEmpty else { return [] }
        guard !Task.isCancelled else { throw RedisError(.cancelled, "the task was cancelled before the commands were sent") }
        let ids = commands.map { _ in makeID() }
        let outcome: Result<[Result<RESPValue, RedisError>], RedisError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let replies = PipelineReplies(count: commands.count, continuation)
                let deadline = eventLoop.now + timeout
                let submissions = commands.indices.map { index in
                    let (command, isIdempotent) = commands[index]
                    return Submission(
                        id: ids[index], command: command, byteCount: command.byteCount, deadline: deadline, isIdempotent: isIdempotent,
                        waiter: .callback { replies.add($0, at: index) })
                }
                submit(submissions) { continuation.resume(returning: .failure($0)) }
                if Task.isCancelled { cancel(ids) }
            }
        } onCancel: {
            cancel(ids)
        }
        return try outcome.get()
    }

    private nonisolated func submit(_ submission: Submission) {
        switch submissions.add(submission) {
        case .accepted(let needsDrain):
            if needsDrain { scheduleDrain() }
        case .refused(let error):
            switch submission.waiter {
            case .task: submission.waiter.resume(with: .failure(error))
            case .callback: eventLoop.execute { submission.waiter.resume(with: .failure(error)) }
            }
        }
    }

    private nonisolated func submit(_ batch: [Submission], orElse refuse: (RedisError) -> Void) {
        switch submissions.add(batch) {
        case .accepted(let needsDrain):
            if needsDrain { scheduleDrain() }
        case .refused(let error):
            refuse(error)
        }
    }

    private nonisolated func cancel(_ ids: [UInt64]) {
        if submissions.cancel(ids) { scheduleDrain() }
    }

    private nonisolated func scheduleDrain() {
        eventLoop.execute { self.assumeIsolated { $0.drain() } }
    }
}
