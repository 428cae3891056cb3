import CanoPrimitives
import Synchronization

/// The signals of one run in this process: what waits for one is woken when it comes.
///
/// A host that keeps signals elsewhere delivers those that are there before it drives the run. With every row it asks which signals the
/// run has ``consumed``: they go from there together with the row, or not at all.
public final class RunInbox: Sendable {
    private struct State {
        var signals = SignalQueue()
        var watches: [ObjectIdentifier: SignalWatch] = [:]
    }

    private let state = Mutex(State())

    /// Creates an inbox without signals.
    public init() {}

    /// Brings signals. One whose id came before is left out.
    public func deliver(_ signals: [ReceivedSignal]) { change { $0.deliver(signals) } }

    /// What took these was stopped: another wait may take them.
    func putBack(_ signals: [ReceivedSignal]) {
        if !signals.isEmpty { change { $0.putBack(signals) } }
    }

    private func change(_ change: (inout SignalQueue) -> Void) {
        let ready = state.withLock { state in
            change(&state.signals)
            return state.watches.values.filter { state.signals.isMet($0.wait) }
        }
        for watch in ready { watch.end() }
    }

    /// For hosts: the ids of the signals that have led to the row that is being appended, and are to go together with it.
    public var consumed: [String] { state.withLock { $0.signals.consumed } }

    /// For hosts: these are gone, and the row is durable.
    public func settle(_ ids: [String]) {
        guard !ids.isEmpty else { return }
        state.withLock { $0.signals.settle(ids) }
    }

    /// For hosts: whether something in this process waits for a signal, so that it is worth looking for new ones.
    public var isAwaited: Bool { state.withLock { !$0.watches.isEmpty } }

    /// Whether what a wait needs is there.
    func isMet(_ wait: OpenWait) -> Bool { state.withLock { $0.signals.isMet(wait) } }

    /// Takes what a wait needs; `nil` when it is not there yet.
    func take(for wait: OpenWait) -> [ReceivedSignal]? { state.withLock { $0.signals.take(for: wait) } }

    /// The next row is what these have led to.
    func consume(_ signals: [ReceivedSignal]) {
        guard !signals.isEmpty else { return }
        state.withLock { $0.signals.consume(signals.map(\.id)) }
    }

    /// Watches for what a wait needs until ``unwatch(_:)``.
    func watch(for wait: OpenWait) -> SignalWatch {
        let watch = SignalWatch(for: wait)
        let isThere = state.withLock { state in
            state.watches[ObjectIdentifier(watch)] = watch
            return state.signals.isMet(wait)
        }
        if isThere { watch.end() }
        return watch
    }

    func unwatch(_ watch: SignalWatch) { state.withLock { _ = $0.watches.removeValue(forKey: ObjectIdentifier(watch)) } }
}

/// A task that waits for signals, or for whatever else ends its wait.
final class SignalWatch: Sendable {
    let wait: OpenWait
    private let isOver = WaitQueue(false)

    fileprivate init(for wait: OpenWait) { self.wait = wait }

    /// Watches anew: what came before this is looked for after it.
    func restart() { isOver.update { $0 = false } }

    /// Ends the wait.
    func end() { isOver.update { $0 = true } }

    /// Waits until the wait is ended.
    ///
    /// - Throws: `CancellationError` when the task was cancelled first.
    func untilEnd() async throws { try await isOver.waitUnlessCancelled { $0 } }
}
