/// Loads items, processes each, then goes on with all the results.
///
/// One attempt is the whole cycle; a retry loads and processes everything again. The error of an item fails nothing: it is
/// one of the results.
///
/// An attempt at an item has a context of its own, which closes when it ends. What it wrote counts if it succeeded and the whole attempt
/// does: the items' writes are applied in the order of the items. Of items that claim a name one at most gets it. Items see what
/// ``load(_:)`` wrote, and with a ``concurrency`` of 1 what the items before them wrote.
public protocol BatchTask<State>: WorkflowTask {
    /// The states of the workflow.
    associatedtype State
    /// What is processed.
    associatedtype Item: Sendable
    /// What processing an item gives.
    associatedtype ItemOutput: Sendable

    /// How many items are processed at the same time; 1 by default, less counts as 1.
    var concurrency: Int { get }

    /// How often a failed item is repeated; never by default. An error that says it is not retryable is not, and what the
    /// failed attempt wrote is dropped. ``TaskConfig/retryIf`` is asked about the whole attempt only.
    var itemRetry: RetryMode { get }

    /// How long one attempt at an item may take; by default as long as it wants. One that ignores its cancellation for
    /// ``TaskConfig/abandonAfter`` is left to itself, reported, and its context is closed.
    var itemTimeout: Duration? { get }

    /// Answers the items. An error fails the attempt.
    @concurrent func load(_ context: TaskContext<State>) async throws -> [Item]

    /// Processes one item. An effect for each item needs a key for each: ``TaskContext/idempotencyKey(for:)`` with what the item is called.
    @concurrent func process(_ item: Item, _ context: TaskContext<State>) async throws -> ItemOutput

    /// Answers the next state. The results are in the order of the items.
    @concurrent func finish(_ results: [Result<ItemOutput, any Error>], _ context: TaskContext<State>) async throws -> State
}

extension BatchTask {
    /// One item at a time.
    public var concurrency: Int { 1 }

    /// An item is tried once.
    public var itemRetry: RetryMode { .none }

    /// No limit.
    public var itemTimeout: Duration? { nil }

    /// Loads, processes and finishes.
    ///
    /// - Throws: The error of ``load(_:)`` or ``finish(_:_:)``; `CancellationError` when cancelled.
    @inlinable @concurrent public func run(_ context: TaskContext<State>) async throws -> State {
        let batch = BatchRun(task: self, context: context)
        do {
            let items = try await load(context)
            let results = try await batch.results(of: items)
            batch.count(results)
            let next = try await finish(results, context)
            batch.countEnd("completed")
            return next
        } catch {
            batch.countEnd("failed")
            throw error
        }
    }
}
