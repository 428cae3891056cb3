import CanoPrimitives

/// Workers in this process, made of one closure for each queue.
///
/// ```swift
/// runtime.workers = LocalWorkers().serving("payments") { (payment: Payment, request) in
///     try await bank.charge(payment, key: request.idempotencyKey)
/// }
/// ```
///
/// Work of a queue that nothing serves fails with the code `no_worker`, and input that is not what the closure takes with `bad_input`: no
/// other attempt cures either.
public struct LocalWorkers: WorkerPool {
    private var handlers: [String: @concurrent @Sendable (WorkRequest) async throws -> WorkAnswer] = [:]

    /// Creates a pool that serves no queue.
    public init() {}

    /// The same pool, in which a closure does the work of a queue.
    ///
    /// - Parameters:
    ///   - queue: The queue.
    ///   - work: Does one attempt's work with the input, and returns what it came to.
    /// - Returns: The pool.
    public func serving<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        _ queue: String, _ work: @escaping @concurrent @Sendable (Input, WorkRequest) async throws -> Output
    ) -> LocalWorkers {
        serving(queue) { request in
            .completed(output: try JSONValue.encode(try await work(try Self.input(of: request), request)))
        }
    }

    /// The same pool, in which a closure that returns nothing does the work of a queue.
    public func serving<Input: Decodable & Sendable>(
        _ queue: String, _ work: @escaping @concurrent @Sendable (Input, WorkRequest) async throws -> Void
    ) -> LocalWorkers {
        serving(queue) { request in
            try await work(try Self.input(of: request), request)
            return .completed(output: Array("null".utf8))
        }
    }

    /// The same pool, in which a closure answers the requests of a queue as they are: one that names the next state, for instance.
    public func serving(
        _ queue: String, _ work: @escaping @concurrent @Sendable (WorkRequest) async throws -> WorkAnswer
    ) -> LocalWorkers {
        var pool = self
        pool.handlers[queue] = work
        return pool
    }

    /// Does the work with the closure of its queue.
    @concurrent public func perform(_ request: WorkRequest) async throws -> WorkAnswer {
        guard let work = handlers[request.queue.name] else {
            let queues = handlers.isEmpty ? "none" : handlers.keys.sorted().joined(separator: ", ")
            throw CanoError(
                .configuration, "no worker here serves the queue \"\(request.queue.name)\"; served are: \(queues)", code: "no_worker",
                isRetryable: false)
        }
        return try await work(request)
    }

    private static func input<Input: Decodable>(of request: WorkRequest) throws(CanoError) -> Input {
        do {
            return try JSONValue.decode(Input.self, from: request.input)
        } catch {
            throw CanoError(
                .taskExecution, "the input of the queue \"\(request.queue.name)\" is not \(Input.self): \(error)", code: "bad_input",
                isRetryable: false, underlying: error)
        }
    }
}
