import CanoBus
import CanoCore

/// A worker's answer that a run, which its bridge held, goes on with before Redis knows. The script of the step that it leads to takes it, and
/// makes the run the bridge's again; until then the run waits in Redis as before, and whatever else comes for it goes first.
struct AnswerInHand: Sendable {
    let taken: TakenAnswer
    /// The answer as the engine takes it.
    let signal: ReceivedSignal
    /// Called once, with whether a step has taken it. One that was not is still on its stream.
    let whenSettled: @Sendable (_ isTaken: Bool) -> Void

    /// What has become of it.
    enum Outcome: Sendable {
        /// A step has taken it, and the run is this bridge's from then on, or was put down with it.
        case taken(goesOn: Bool)
        case left
    }
}

/// How a run goes on that is held here.
enum HeldRunWaking: Sendable {
    /// A script has made it this bridge's again.
    case woken(WokenRun)
    /// An answer is here that it waits for, and for nothing else.
    case answered(AnswerInHand)
}
