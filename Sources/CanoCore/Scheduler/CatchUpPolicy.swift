/// What becomes of due times that were missed: later than ``Schedule/lateness``, because the process was asleep, busy or away.
public enum CatchUpPolicy: Sendable, Hashable {
    /// They are forgotten.
    case skip
    /// The latest of them is made up for, once.
    case once
    /// The latest of them, that many at most, are made up for one after the other, oldest first.
    case all(limit: Int)

    /// How many missed due times are made up for.
    var limit: Int {
        switch self {
        case .skip: 0
        case .once: 1
        case .all(let limit): max(limit, 0)
        }
    }
}
