import CanoPrimitives

/// A signal that a state waits for: its name, and what its data is.
///
/// Its data is sent as JSON. Data that does not decode fails the state, with an error that no further attempt cures.
///
/// ```swift
/// let confirmed = Signal("payment-confirmed", of: Payment.self)
/// let decision = [Signal("approved", of: Note.self).map(Decision.approved), Signal("rejected", of: Note.self).map(Decision.rejected)]
/// ```
public struct Signal<Value: Sendable>: Sendable {
    /// What it is called.
    public let name: String
    private let read: @Sendable (ReceivedSignal) throws(CanoError) -> Value

    private init(named name: String, _ read: @escaping @Sendable (ReceivedSignal) throws(CanoError) -> Value) {
        self.name = name
        self.read = read
    }

    /// A signal whose data is a value of that type.
    public init(_ name: String, of type: Value.Type = Value.self) where Value: Decodable {
        self.init(named: name) { signal throws(CanoError) in
            do {
                return try JSONValue.decode(Value.self, from: signal.data)
            } catch {
                throw CanoError(
                    .taskExecution, "the data of the signal \"\(name)\" is not \(Value.self): \(error)", code: "bad_signal",
                    isRetryable: false, underlying: error)
            }
        }
    }

    /// A signal whose data is not looked at.
    public init(_ name: String) where Value == Void {
        self.init(named: name) { _ throws(CanoError) in }
    }

    /// The same signal as another value.
    public func map<Mapped: Sendable>(_ transform: @escaping @Sendable (Value) -> Mapped) -> Signal<Mapped> {
        let read = read
        return Signal<Mapped>(named: name) { signal throws(CanoError) in transform(try read(signal)) }
    }

    /// What a signal of this name says.
    ///
    /// - Throws: ``CanoError/Category/taskExecution`` with the code `bad_signal` when its data is something else.
    public func value(of signal: ReceivedSignal) throws(CanoError) -> Value { try read(signal) }
}

/// How long a state waits for signals, and which state follows when none has come by then.
public enum WaitLimit<State: WorkflowState>: Sendable {
    /// That long.
    case within(Duration, else: State)
    /// Until the wall clock shows that many milliseconds since 1970.
    case until(unixMilliseconds: Int64, else: State)
    /// For as long as it takes.
    case forever

    var outcome: TimerOutcome? {
        switch self {
        case .within(let duration, _): .duration(duration)
        case .until(let moment, _): .at(unixMilliseconds: moment)
        case .forever: nil
        }
    }

    var next: State? {
        switch self {
        case .within(_, let state), .until(_, let state): state
        case .forever: nil
        }
    }
}
