/// What a task waits for: signals, time, or whichever comes first.
///
/// ```swift
/// Wait(.duration(.seconds(60)))                                          // for a minute
/// Wait(forFirst: ["approved", "rejected"], upTo: .duration(.seconds(86_400)))  // for one of two, a day at most
/// Wait(forAll: ["picked", "packed"], upTo: nil)                          // for both, as long as it takes
/// ```
public struct Wait: Sendable, Hashable {
    /// The names of the signals, each once.
    public let signals: [String]
    /// How many of them are enough.
    public let need: Int
    /// When it has lasted long enough; `nil` when it lasts for as long as it takes.
    public let limit: TimerOutcome?
    /// What the task wants to know when it is woken.
    var note: [UInt8]?
    /// The work whose answer is waited for.
    var request: WorkRequest?

    /// Waits for time to pass.
    public init(_ limit: TimerOutcome) { self.init([], need: 1, upTo: limit) }

    /// Waits for the first of the signals, or for time to pass.
    ///
    /// - Parameters:
    ///   - signals: Their names.
    ///   - limit: How long at most; `nil` for as long as it takes.
    public init(forFirst signals: [String], upTo limit: TimerOutcome?) { self.init(signals, need: 1, upTo: limit) }

    /// Waits for all of the signals, or for time to pass.
    ///
    /// - Parameters:
    ///   - signals: Their names.
    ///   - limit: How long at most; `nil` for as long as it takes.
    public init(forAll signals: [String], upTo limit: TimerOutcome?) { self.init(signals, need: .max, upTo: limit) }

    /// Waits for the answer of a worker.
    init(forAnswerTo request: WorkRequest) {
        self.init([request.leg], need: 1, upTo: nil)
        self.request = request
    }

    private init(_ signals: [String], need: Int, upTo limit: TimerOutcome?) {
        var seen: Set<String> = []
        self.signals = signals.filter { seen.insert($0).inserted }
        self.need = min(need, max(1, self.signals.count))
        self.limit = limit
    }

    /// The wait as a log keeps it, and what ends it by itself.
    func opened(on clock: any EngineClock) -> (wait: OpenWait, end: TimerWait?) {
        let end = limit.map { TimerWait($0, on: clock) }
        return (OpenWait(signals: signals, need: need, until: end?.wallDeadline(on: clock)), end)
    }
}

/// What ended a wait.
@nonexhaustive public enum Woken: Sendable, Hashable {
    /// The signals that were waited for came, in this order.
    case signals([ReceivedSignal])
    /// The time was over first.
    case timeout
}

/// What a task that may wait answers.
public enum WaitStep<Next: Sendable>: Sendable {
    /// It is done, with this.
    case next(Next)
    /// It is to be woken when this is over.
    case wait(Wait)
}

extension WaitStep {
    func map<Mapped: Sendable>(_ transform: (Next) -> Mapped) -> WaitStep<Mapped> {
        switch self {
        case .next(let next): .next(transform(next))
        case .wait(let wait): .wait(wait)
        }
    }
}

extension WaitStep {
    /// The same step.
    ///
    /// - Throws: ``CanoError/Category/configuration`` when it waits for a signal that only a worker's answer may be.
    func checked() throws(CanoError) -> WaitStep {
        guard case .wait(let wait) = self, wait.request == nil else { return self }
        for name in wait.signals { try Leg.check(name) }
        return self
    }
}
