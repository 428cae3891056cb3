/// A task whose work is done elsewhere, by a worker that takes it from a queue.
///
/// An attempt asks for the work and waits for the answer. The wait is durable as any is, and a host that keeps waits puts the run down
/// meanwhile; see ``WaitTask``. A failure that a worker answers is a failed attempt: ``WorkflowTask/config`` says whether another one follows, and
/// ``TaskConfig/attemptTimeout`` bounds an attempt whole, with the time in the queue. A circuit breaker and a limiter guard asking only.
///
/// Who does the work is the host's: one that hands work out, as ``CheckpointLog/handsOut`` says, has workers of its own, and the work is
/// handed out once an attempt. Elsewhere ``WorkflowRuntime/workers`` do it, and a run that is resumed asks again, in the same attempt. A worker
/// may be asked twice in either case, and ``WorkRequest/idempotencyKey`` is the same for all attempts.
///
/// What a worker answers that cannot be read fails the task with the code `bad_output`, without another attempt.
public protocol RemoteTask<State>: WorkflowTask {
    /// The states of the workflow.
    associatedtype State
    /// What the work is done with; workers read it as JSON.
    associatedtype Request: Encodable & Sendable
    /// What it comes to; workers write it as JSON.
    associatedtype Output: Decodable & Sendable

    /// Answers the queue that workers take the work from, and what is asked of them there, for each attempt. Has no effects.
    ///
    /// - Throws: Anything; the attempt has then failed.
    @concurrent func queue(_ context: TaskContext<State>) async throws -> WorkerQueue

    /// Answers what the work is done with, for each attempt. Has no effects, for it may be called again.
    ///
    /// - Throws: Anything; the attempt has then failed.
    @concurrent func request(_ context: TaskContext<State>) async throws -> Request

    /// Answers the state that follows. Not called when the worker has named that state itself. May be called again after a failure or a crash,
    /// with the same output: the work is not done again for it. A distributed log may let two processes call it at once, before it decides which of
    /// them has the run. So it has no effects but writes to stores, which are kept with the step or not at all.
    ///
    /// - Parameters:
    ///   - output: What the work came to.
    ///   - context: The attempt.
    /// - Returns: The next state.
    /// - Throws: Anything; the attempt has then failed and may be repeated.
    @concurrent func next(after output: Output, _ context: TaskContext<State>) async throws -> State
}

extension RemoteTask {
    /// A task that waits for a worker.
    public func makeNode() -> TaskNode<State> { TaskNode(self, .waiting(work)) }

    /// Has the work done by ``WorkflowRuntime/workers``. For calls without an engine, and for tasks that are a part of another one: a state's
    /// task is asked for and woken by the engine.
    @concurrent public func run(_ context: TaskContext<State>) async throws -> State {
        try await work.performHere(context.core)
    }

    private var work: VisitWork<State> {
        VisitWork(
            retry: config.retry, queue: { context in try await queue(TaskContext(context)) },
            request: { context in try await request(TaskContext(context)) },
            answered: { (output: Output, next, context) in
                if let next { return try State.named(byWorker: next) }
                return try await self.next(after: output, TaskContext(context))
            })
    }
}
