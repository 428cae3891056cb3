/// The states of one workflow, and with them its types: what a run is started with, and what it leaves behind.
///
/// An enum with `String` raw values conforms by naming the protocol:
///
/// ```swift
/// enum Step: String, WorkflowState, CaseIterable {
///     typealias Input = Order
///     typealias Output = Invoice
///     case reserve, charge, shipped
/// }
/// ```
///
/// Any other hashable value conforms by giving its label and reading it back. The label is what checkpoint rows,
/// events and metrics carry, so it must stay the same between releases: renaming one makes stored runs unreadable.
/// Two different states must never share a label.
public protocol WorkflowState: Hashable, Sendable {
    /// What a run is started with. Nothing by default. To be started over a bus it must be `Codable`.
    associatedtype Input: Sendable = Void
    /// What a run that reached an exit state answers. Nothing by default. On a bus it must be `Codable`.
    associatedtype Output: Sendable = Void

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
