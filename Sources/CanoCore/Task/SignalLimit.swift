/// How long a branch waits for signals, and what it returns when none has come by then.
///
/// Without a value to return it fails then, with ``CanoError/Category/timeout``: the join decides what that means for the split.
public struct SignalLimit<Value: Sendable>: Sendable {
    let outcome: TimerOutcome?
    private let value: Value?

    /// That long; then it fails.
    public static func within(_ duration: Duration) -> Self { Self(outcome: .duration(duration), value: nil) }

    /// That long; then it returns this.
    public static func within(_ duration: Duration, else value: Value) -> Self { Self(outcome: .duration(duration), value: value) }

    /// Until the wall clock shows that many milliseconds since 1970; then it fails.
    public static func until(unixMilliseconds moment: Int64) -> Self { Self(outcome: .at(unixMilliseconds: moment), value: nil) }

    /// Until the wall clock shows that many milliseconds since 1970; then it returns this.
    public static func until(unixMilliseconds moment: Int64, else value: Value) -> Self {
        Self(outcome: .at(unixMilliseconds: moment), value: value)
    }

    /// For as long as it takes, or until the join's timeout.
    public static var forever: Self { Self(outcome: nil, value: nil) }

    /// What is returned when none of these signals has come.
    ///
    /// - Throws: ``CanoError/Category/timeout``.
    func value(without signals: [String]) throws(CanoError) -> Value {
        if let value { return value }
        let names = signals.map { "\"\($0)\"" }.joined(separator: ", ")
        throw CanoError(.timeout, "no signal \(names) came in time", isRetryable: false)
    }
}

extension VisitWork {
    /// A wait for the first of these signals.
    init(for signals: [Signal<Value>], _ limit: SignalLimit<Value>) {
        let names = signals.map(\.name)
        self.init(
            begin: { _ in .wait(Wait(forFirst: names, upTo: limit.outcome)) },
            wake: { woken, _, _ in
                guard case .signals(let came) = woken else { return .next(try limit.value(without: names)) }
                for signal in signals {
                    if let found = came.first(where: { $0.name == signal.name }) { return .next(try signal.value(of: found)) }
                }
                throw CanoError(.workflow, "a wait ended without its signal", isRetryable: false)
            })
    }
}
