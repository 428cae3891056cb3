import CanoCore
import CanoPrimitives

/// The task in which the engine drives a run. It lasts beyond a wait for as long as the run is held: put down, and kept in memory for a
/// moment.
///
/// What has a slot for the run follows it with ``untilStop()`` until it is put down or over. A run that is held, and that a script then makes
/// this bridge's again, goes on where it is, and is followed anew.
final class RunTask: Sendable {
    let session: RunSession
    /// How long its input is, in bytes.
    private let inputBytes: Int
    private let state = WaitQueue(State(), lanes: Lane.allCases.count)

    /// Those that wait in one lane wait for each other: what follows the run may come before what drives it has begun to wait.
    private enum Lane: Int, CaseIterable { case following, driving }

    private struct State: Sendable {
        var phase = Phase.driving
        /// How the run has stopped, until what follows it knows.
        var stop: Result<DriveEnd, any Error>?
        /// Whether the run is held no longer than a script is under way that may wake it.
        var isDropped = false
    }

    private enum Phase: Sendable {
        case driving, held
        /// A script is under way that may wake it.
        case asked
        case woken([ReceivedSignal])
        /// It is held no more.
        case dropped

        var isOver: Bool {
            switch self {
            case .woken, .dropped: true
            case .driving, .held, .asked: false
            }
        }
    }

    init(_ session: RunSession, inputBytes: Int) {
        self.session = session
        self.inputBytes = inputBytes
    }

    /// What it takes in memory, about: what is known to grow with the run.
    var bytes: Int { inputBytes + session.withLedger { $0.writes.store.byteCount } }

    // MARK: Driving

    /// Begins to drive the run.
    func begin(_ drive: @escaping @Sendable () async throws -> DriveEnd) {
        Task {
            let end: Result<DriveEnd, any Error>
            do { end = .success(try await drive()) } catch { end = .failure(error) }
            state.update { $0.stop = end }
        }
    }

    /// Returns when the run is put down or over.
    ///
    /// - Throws: What driving the run has thrown.
    func untilStop() async throws -> DriveEnd {
        await state.wait(in: Lane.following.rawValue) { $0.stop != nil }
        return try state.update { state in
            defer { state.stop = nil }
            return state.stop
        }?.get() ?? .waiting
    }

    // MARK: Being held

    /// The run is put down, and held from now on.
    func hold() {
        state.update { state in
            state.phase = .held
            state.isDropped = false
        }
    }

    /// Waits until the run is woken here, or is held no more; after ``hold()``, in the task that drives the run. Its cancellation ends that.
    ///
    /// - Returns: The signals that the run has then; nil when it is not to go on here.
    func untilWoken() async -> [ReceivedSignal]? {
        state.update { $0.stop = .success(.waiting) }
        do {
            try await state.waitUnlessCancelled(in: Lane.driving.rawValue) { $0.phase.isOver }
        } catch {
            drop()
            await state.wait(in: Lane.driving.rawValue) { $0.phase.isOver }
        }
        return state.update { state in
            guard case .woken(let signals) = state.phase else { return nil }
            state.phase = .driving
            return signals
        }
    }

    /// Keeps it held while a script is under way that may wake it; false when it is held no more, or asked for already. To be followed by
    /// ``wake(with:)`` or ``giveBack()``.
    func ask() -> Bool {
        state.update { state in
            guard case .held = state.phase else { return false }
            state.phase = .asked
            return true
        }
    }

    /// The run was asked for, and is this bridge's again.
    func wake(with signals: [ReceivedSignal]) { state.update { $0.phase = .woken(signals) } }

    /// The run was asked for, and waits on.
    func giveBack() {
        state.update { state in
            if case .asked = state.phase { state.phase = state.isDropped ? .dropped : .held }
        }
    }

    /// The run is to be held no longer.
    func drop() {
        state.update { state in
            state.isDropped = true
            if case .held = state.phase { state.phase = .dropped }
        }
    }
}
