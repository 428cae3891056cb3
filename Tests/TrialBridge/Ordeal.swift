import CanoCore
import Foundation

/// What a run goes through: a pause in each state, and a deed in one of them.
struct Ordeal: Codable, Sendable {
    /// How long each state sleeps first, in milliseconds.
    var delayMilliseconds: Int?
    /// The state of the deed.
    var place: String?
    var deed: Deed?
    /// The deed isn't done any more once this file exists.
    var remedy: String?
    /// Whether each state counts itself in the shared store `tally`, in a field of the run's own.
    var tally: Bool?
    /// How many dots follow each mark, which makes the output as long as you like.
    var dots: Int?
    /// How long the timer of `trial-march` waits, in milliseconds; 200 without it.
    var restMilliseconds: Int?
    /// Undoing this state fails until the file ``remedy`` exists.
    var undoFailsAt: String?

    enum Deed: String, Codable {
        /// The task fails for good.
        case fail
        /// The process dies at once, as by a crash.
        case kill
        /// The task blocks its thread for ten seconds, and with it one of the few that Swift has.
        case block
        /// The task goes on for ten minutes and never notices that it is cancelled.
        case ignore
    }

    enum CodingKeys: String, CodingKey {
        case delayMilliseconds = "delay_ms"
        case place = "at"
        case deed, remedy, tally, dots
        case restMilliseconds = "rest_ms"
        case undoFailsAt = "undo_fails_at"
    }

    private var isRemedied: Bool { remedy.map(FileManager.default.fileExists(atPath:)) ?? false }

    /// Suffers what this state holds.
    @concurrent func suffer(_ context: TaskContext<some WorkflowState>) async throws {
        if let delayMilliseconds { try await context.sleep(for: .milliseconds(delayMilliseconds)) }
        try await context.store.append(context.state + String(repeating: ".", count: dots ?? 0), to: .marks)
        if tally == true { _ = try await context.store(named: "tally").increment(StoreKey<Int>("\(context.runID)"), by: 1) }
        guard context.state == place, !isRemedied else { return }
        switch deed {
        case .fail: throw Unfit(state: context.state)
        case .kill: kill(getpid(), SIGKILL)
        case .block: usleep(10_000_000)
        // Never resumed: it waits for nothing, and hears of nothing.
        case .ignore: await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        case nil: return
        }
    }

    /// Undoes what a state did.
    func undo(_ state: String) throws {
        if state == undoFailsAt, !isRemedied { throw Unfit(state: state) }
    }
}

extension StoreKey where Value == [String] {
    /// The states that have been through, each as often as its writes counted.
    static var marks: Self { "marks" }
}

struct Unfit: TerminalError, CodedError, CustomStringConvertible {
    let state: String
    var code: String { "unfit" }
    var description: String { "\(state) fails, as the input asked for" }
}
