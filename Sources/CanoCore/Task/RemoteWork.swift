import CanoPrimitives

/// Work that a worker does: each attempt asks for it, waits for its answer, and goes on with that.
extension VisitWork {
    /// - Parameters:
    ///   - retry: How often it is attempted.
    ///   - queue: Answers the queue that workers take it from. Has no effects.
    ///   - request: Answers what the work is done with. Has no effects.
    ///   - answered: Goes on with what the work came to, and with the state that the worker has named.
    init<Request: Encodable & Sendable, Output: Decodable & Sendable>(
        retry: RetryMode, queue: @escaping @concurrent @Sendable (AttemptContext) async throws -> WorkerQueue,
        request: @escaping @concurrent @Sendable (AttemptContext) async throws -> Request,
        answered: @escaping @concurrent @Sendable (Output, _ next: String?, AttemptContext) async throws -> Value
    ) {
        self.init(
            retry: retry, queue: queue, request: request,
            answeredAsJSON: { output, next, context in
                try await answered(try JSONValue.decode(output: Output.self, from: output), next, context)
            })
    }

    /// The same with what the work came to as the worker has written it.
    ///
    /// - Parameters:
    ///   - retry: How often it is attempted.
    ///   - keepsRequest: Whether what is asked for is kept until it is known what became of it.
    ///   - queue: Answers the queue that workers take it from. Has no effects.
    ///   - request: Answers what the work is done with. Has no effects.
    ///   - answered: Goes on with what the work came to, as JSON text, and with the state that the worker has named.
    init<Request: Encodable & Sendable>(
        retry: RetryMode, keepsRequest: Bool = false, queue: @escaping @concurrent @Sendable (AttemptContext) async throws -> WorkerQueue,
        request: @escaping @concurrent @Sendable (AttemptContext) async throws -> Request,
        answeredAsJSON answered: @escaping @concurrent @Sendable ([UInt8], _ next: String?, AttemptContext) async throws -> Value
    ) {
        self.init(
            keepsRequest: keepsRequest,
            request: { context in
                let queue = try await queue(context)
                try context.requireWorkers(of: queue.name)
                return try WorkRequest(queue: queue, retry, input: try Payload.encode(try await request(context)), context)
            }, answeredAsJSON: answered)
    }

    /// - Parameters:
    ///   - request: Answers what is asked for. Has no effects.
    ///   - answerer: Whose answer it is.
    ///   - answered: Goes on with what the work came to, and with the state that a worker has named.
    init<Output: Decodable & Sendable>(
        request: @escaping @concurrent @Sendable (AttemptContext) async throws -> WorkRequest, answerer: Answerer,
        answered: @escaping @concurrent @Sendable (Output, _ next: String?, AttemptContext) async throws -> Value
    ) {
        self.init(
            answerer: answerer, request: request,
            answeredAsJSON: { output, next, context in
                try await answered(try JSONValue.decode(output: Output.self, from: output, of: answerer), next, context)
            })
    }

    /// - Parameters:
    ///   - answerer: Whose answer it is.
    ///   - keepsRequest: Whether what is asked for is kept until it is known what became of it.
    ///   - request: Answers what is asked for. Has no effects.
    ///   - answered: Goes on with what the work came to, as JSON text, and with the state that a worker has named.
    init(
        answerer: Answerer = .worker, keepsRequest: Bool = false,
        request: @escaping @concurrent @Sendable (AttemptContext) async throws -> WorkRequest,
        answeredAsJSON answered: @escaping @concurrent @Sendable ([UInt8], _ next: String?, AttemptContext) async throws -> Value
    ) {
        self.init(
            begin: { context in .wait(Wait(forAnswerTo: try await request(context))) },
            wake: { woken, _, context in
                guard case .signals(let signals) = woken, let signal = signals.first,
                    case .completed(let output, let next) = try AttemptAnswer(signal).answer
                else { throw CanoError(.workflow, "a wait for a worker ended without its answer", isRetryable: false) }
                return .next(try await answered(output, next, context))
            }, beginsWithoutEffects: true, answerer: answerer, keepsRequest: keepsRequest)
    }

    /// Has the work done in this process, without waiting as a state's task does.
    @concurrent func performHere(_ context: AttemptContext) async throws -> Value {
        guard case .wait(let wait) = try await begin(context), let request = wait.request,
            let perform = context.scope.run.performer(of: request)
        else { throw CanoError(.configuration, "only the runtime's workers can do a part of a task, and it has none", isRetryable: false) }
        let answer = try await perform()
        if case .failed(let failure) = answer { throw failure.error }
        let woken = Woken.signals([answer.signal(answering: request, id: request.idempotencyKey)])
        guard case .next(let value) = try await wake(woken, nil, context) else {
            throw CanoError(.workflow, "what the work came to leads nowhere", isRetryable: false)
        }
        return value
    }
}

extension JSONValue {
    /// What the work came to.
    ///
    /// - Throws: ``CanoError/Category/taskExecution`` with the code `bad_output` when it is nothing of the type.
    static func decode<Output: Decodable>(
        output _: Output.Type, from output: [UInt8], of answerer: Answerer = .worker
    ) throws(CanoError) -> Output {
        do {
            return try JSONValue.decode(Output.self, from: output)
        } catch {
            let name = answerer == .worker ? "a worker" : "a child run"
            throw CanoError(badOutput: "\(name) has not answered \(Output.self): \(error)", underlying: error)
        }
    }
}

/// What a worker comes to where it is not looked at.
struct UnreadOutput: Decodable, Sendable {
    init(from _: any Decoder) {}
}

extension WorkRequest {
    private static let inputBytes = 1 << 20

    fileprivate init(
        queue: WorkerQueue, _ retry: RetryMode, input: [UInt8], _ context: AttemptContext
    ) throws(CanoError) {
        guard Name.isValid(queue.name) else {
            throw CanoError(.configuration, "\"\(queue.name)\" is no name of a queue, which has \(Name.rule)", isRetryable: false)
        }
        try self.init(on: queue, retry, input: input, context)
    }

    init(
        on queue: WorkerQueue, _ retry: RetryMode, input: [UInt8], _ context: AttemptContext
    ) throws(CanoError) {
        guard input.count <= Self.inputBytes else {
            throw CanoError(
                .taskExecution,
                "work elsewhere may be given \(Self.inputBytes) bytes, and these are \(input.count): keep large data elsewhere and say where it is",
                code: "bad_input", isRetryable: false)
        }
        let (run, node) = (context.scope.run, context.node)
        let attempts = min((retry == .standard ? run.runtime.standardRetry : retry).maxAttempts, max(1, queue.attempts ?? .max))
        self.init(
            queue: queue, run: run.id, workflow: run.workflow.name, state: node.label,
            task: node.isCompensation ? Self.undoing(node.taskName) : node.taskName, visit: context.visit,
            branch: node.branch, isUndo: node.isCompensation, attempt: context.attempt, attempts: attempts == .max ? nil : attempts,
            idempotencyKey: context.idempotencyKey, input: input)
    }
}

extension AttemptContext {
    /// - Throws: ``CanoError/Category/configuration`` when nothing does the work of queues.
    fileprivate func requireWorkers(of queue: String) throws(CanoError) {
        guard !scope.run.handsOut, scope.run.runtime.workers == nil else { return }
        throw CanoError(
            .configuration,
            """
            nothing does the work of the queue "\(queue)": set the workers of the run's WorkflowRuntime, to LocalWorkers() in a test, or give \
            the run to a host that hands work out
            """, isRetryable: false)
    }
}

extension WorkflowState {
    /// The state that a worker has named.
    ///
    /// - Throws: ``CanoError/Category/taskExecution`` with the code `bad_output` when there is none of that label.
    static func named(byWorker label: String) throws(CanoError) -> Self {
        if let state = Self(label: label) { return state }
        throw CanoError(badOutput: "a worker has named the next state \"\(label)\", and there is none of that label")
    }
}
