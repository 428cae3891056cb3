/// Reads a source item by item and hands the results on in windows.
///
/// After each flushed window its cursor is logged, so a resumed run opens the source behind the last finished window. When the run is
/// cancelled or out of time, what is buffered is flushed and the stream closed before the run ends. The item under way notices the
/// cancellation; ``flush(_:_:)`` and ``close(_:_:)`` never do, so nothing cuts them short. A run that can be stopped leaves them behind
/// when they then take longer than a minute, or than undoing it may; any other waits for them. A run that is handed back flushes nothing:
/// it goes on from its last cursor.
///
/// Of the ``TaskConfig`` only `attemptTimeout` counts, for each item. The source must end or throw when the task that reads it is
/// cancelled, as `AsyncStream` does.
///
/// An item is read only once those before it are processed and, in a full ``StreamWindow/count(_:)``, flushed: after a
/// ``WindowSignal/stop(_:)`` the source still has the next one, for a state that reads on. A ``StreamWindow/duration(_:)`` ends while an
/// item is waited for: a stop then cancels the task that waits, which ends an `AsyncStream`, and an item that came meanwhile is lost.
public protocol StreamTask<State>: WorkflowTask {
    /// The states of the workflow.
    associatedtype State
    /// Where items come from.
    associatedtype Source: AsyncSequence & Sendable where Source.Element: Sendable
    /// What an item gives.
    associatedtype Output: Sendable
    /// How far the stream got.
    associatedtype Cursor: Codable & Sendable

    /// When outputs are flushed; after each by default.
    var window: StreamWindow { get }

    /// What a bad item means; ``StreamErrorPolicy/failFast`` by default.
    var onItemError: StreamErrorPolicy { get }

    /// Opens the source behind the cursor, or at its beginning. The context stays open as long as the stream.
    @concurrent func open(_ context: TaskContext<State>, from cursor: Cursor?) async throws -> Source

    /// Processes one item. What it writes joins the window's writes when it succeeds, and is dropped with a bad item.
    ///
    /// - Returns: Its output, and how far the stream has got once the output is flushed.
    @concurrent func process(_ item: Source.Element, _ context: TaskContext<State>) async throws -> (output: Output, cursor: Cursor)

    /// Hands a window on.
    @concurrent func flush(_ outputs: [Output], _ context: TaskContext<State>) async throws -> WindowSignal<State>

    /// Closes the stream.
    ///
    /// - Returns: The next state; ignored when the run is cancelled.
    @concurrent func close(_ reason: CloseReason, _ context: TaskContext<State>) async throws -> State
}

extension StreamTask {
    /// One attempt.
    public var config: TaskConfig { .minimal }

    /// A window for each output.
    public var window: StreamWindow { .count(1) }

    /// A bad item ends the stream.
    public var onItemError: StreamErrorPolicy { .failFast }

    /// Runs the stream without an engine: no cursors, and no drain when cancelled.
    @concurrent public func run(_ context: TaskContext<State>) async throws -> State {
        let loop = StreamLoop(
            task: self, runtime: context.scope.run.runtime, itemTimeout: config.attemptTimeout,
            abandonAfter: config.grace(in: context.scope.run.runtime))
        switch try await loop.run(from: nil, opening: context, context: { context }, commit: { _ in }) {
        case .finished(let state): return state
        case .interrupted: throw CancellationError()
        }
    }

    /// A stream the engine drives.
    public func makeNode() -> TaskNode<State> { TaskNode(self, .stream(self)) }
}

/// When the outputs of a stream are flushed.
public enum StreamWindow: Sendable, Hashable {
    /// After that many outputs; less than 1 counts as 1.
    case count(Int)
    /// After that time, measured from the flush before; less than a millisecond counts as one.
    case duration(Duration)
}

/// What a bad item means to a stream.
public enum StreamErrorPolicy: Sendable, Hashable {
    /// It ends the stream.
    case failFast
    /// It is left out.
    case skipAndContinue
    /// Up to that many in a row are left out; the next one ends the stream.
    case retryOnError(maxErrors: Int)
}

/// What follows a flushed window.
public enum WindowSignal<State: WorkflowState>: Sendable {
    /// The next window.
    case proceed
    /// The end of the stream; this state follows.
    case stop(State)
}

/// Why a stream ended.
public enum CloseReason: Sendable, Hashable {
    /// The source has nothing more.
    case exhausted
    /// The run is being cancelled or is out of time.
    case cancelled
}
