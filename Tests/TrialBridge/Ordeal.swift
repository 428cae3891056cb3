import CanoCore
import Foundation

/// What a run goes through: a pause in each state, and a gate and a deed in one of them.
struct Ordeal: Codable, Sendable {
    /// How long each state sleeps first, in milliseconds.
    var delayMilliseconds: Int?
    /// The state of the deed and of the gate.
    var place: String?
    var deed: Deed?
    /// The deed isn't done any more once this file exists.
    var remedy: String?
    /// The state ``place``, or each where there is none, does not go on before this file exists.
    var gate: String?
    /// Whether each state counts itself in the shared store `tally`, in a field of the run's own.
    var tally: Bool?
    /// How many dots follow each mark, which makes the output as long as you like.
    var dots: Int?
    /// How long the timer of `trial-march`, or of a branch of `trial-branches`, waits, in milliseconds; 200 without it.
    var restMilliseconds: Int?
    /// Undoing this state fails until the file ``remedy`` exists.
    var undoFailsAt: String?
    /// What `trial-watch`, or a branch of `trial-branches`, waits for.
    var watch: Watch?
    /// How many attempts of `trial-retry`, or of a branch of `trial-branches`, fail.
    var failures: Int?
    /// How long these wait between their attempts, in milliseconds; 2,000 without it.
    var pauseMilliseconds: Int?
    /// How often `trial-loop` visits its state.
    var turns: Int?
    /// The file in which the branches of `trial-branches` note what they do, and a task that will not be cancelled that it goes on.
    var diary: String?

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
        case deed, remedy, gate, tally, dots, watch, failures, turns, diary
        case pauseMilliseconds = "pause_ms"
        case restMilliseconds = "rest_ms"
        case undoFailsAt = "undo_fails_at"
    }

    private var isRemedied: Bool { remedy.map(FileManager.default.fileExists(atPath:)) ?? false }
    private var isHeld: Bool { gate.map { !FileManager.default.fileExists(atPath: $0) } ?? false }

    /// Suffers what this state holds.
    @concurrent func suffer(_ context: TaskContext<some WorkflowState>) async throws {
        if let delayMilliseconds { try await context.sleep(for: .milliseconds(delayMilliseconds)) }
        if place == nil || place == context.state {
            while isHeld { try await context.sleep(for: .milliseconds(10)) }
        }
        try await context.store.append(context.state + String(repeating: ".", count: dots ?? 0), to: .marks)
        if tally == true { _ = try await context.store(named: "tally").increment(StoreKey<Int>("\(context.runID)"), by: 1) }
        guard context.state == place, !isRemedied else { return }
        switch deed {
        case .fail: throw Unfit(state: context.state)
        case .kill: kill(getpid(), SIGKILL)
        case .block: usleep(10_000_000)
        // Never resumed: it waits for nothing, and hears of nothing.
        case .ignore:
            if let diary { Notes(path: diary).add("\(context.runID) \(context.state)") }
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
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
