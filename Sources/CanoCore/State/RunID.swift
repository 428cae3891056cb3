import Synchronization

/// The name of a run, chosen by the caller that starts it.
public struct RunID: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// Empty for a random id that was not read yet: most runs are never asked for their name.
    private let text: String
    private let random: (UInt64, UInt64)

    /// Creates an id from its text.
    public init(_ text: String) {
        self.text = text
        random = (0, 0)
    }

    /// Creates an id from its text.
    public init(stringLiteral text: String) { self.init(text) }

    private init(random: (UInt64, UInt64)) {
        text = ""
        self.random = random
    }

    /// An id that no other call, in this process or another, has answered or will answer.
    public static func random() -> RunID {
        RunID(random: (processIdentity, scramble(issued.wrappingAdd(1, ordering: .relaxed).newValue &+ firstIssue)))
    }

    /// A number that no other call in this process has answered or will answer, and hardly one in another.
    static func uniqueNumber() -> Int64 {
        Int64(bitPattern: processIdentity ^ scramble(issued.wrappingAdd(1, ordering: .relaxed).newValue &+ firstIssue))
    }

    /// The text.
    public var description: String {
        guard random != (0, 0) else { return text }
        return hexadecimal(random.0) + hexadecimal(random.1)
    }

    /// Whether both have the same text.
    public static func == (left: RunID, right: RunID) -> Bool {
        if left.random == (0, 0), right.random == (0, 0) { return left.text == right.text }
        return left.description == right.description
    }

    /// Feeds the text.
    public func hash(into hasher: inout Hasher) { hasher.combine(description) }

    private func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    // One trip to the system's generator per process instead of one per run.
    private static let processIdentity = UInt64.random(in: 1...UInt64.max)
    private static let firstIssue = UInt64.random(in: 0...UInt64.max)
    private static let issued = Atomic<UInt64>(0)

    /// A bijection, so distinct numbers stay distinct while neighbours look unrelated.
    private static func scramble(_ number: UInt64) -> UInt64 {
        var mixed = number &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
