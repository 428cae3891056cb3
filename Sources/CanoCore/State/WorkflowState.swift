/// The states of one workflow.
///
/// An enum with `String` raw values conforms by naming the protocol:
///
/// ```swift
/// enum Step: String, WorkflowState { case reserve, charge, shipped }
/// ```
///
/// Any other hashable value conforms by giving its label and reading it back. The label is what checkpoint rows,
/// events and metrics carry, so it must stay the same between releases: renaming one makes stored runs unreadable.
/// Two different states must never share a label.
public protocol WorkflowState: Hashable, Sendable {
    /// The stable name of this state.
    var label: String { get }

    /// The state of that label, or `nil` when there is none.
    init?(label: String)
}

extension WorkflowState where Self: RawRepresentable<String> {
    /// The raw value.
    public var label: String { rawValue }

    /// The case with that raw value.
    public init?(label: String) { self.init(rawValue: label) }
}

extension WorkflowState where Self: RawRepresentable, RawValue: FixedWidthInteger {
    /// The raw value in decimal digits.
    public var label: String { String(rawValue) }

    /// The state whose raw value these decimal digits are.
    public init?(label: String) {
        guard let value = RawValue(label) else { return nil }
        self.init(rawValue: value)
    }
}
