/// Why a scheduled run began. It is the input of such a run unless the flow says otherwise.
public struct Firing: Sendable, Hashable {
    /// The flow's name.
    public let flow: String
    /// When it was due, in milliseconds since 1970; `nil` when it was triggered.
    public let due: Int64?
    /// Whether it makes up for a due time that was missed.
    public let isCatchUp: Bool

    /// Creates a firing, for tests of tasks that read it.
    public init(flow: String, due: Int64?, isCatchUp: Bool = false) {
        self.flow = flow
        self.due = due
        self.isCatchUp = isCatchUp
    }
}
