import CanoCore

/// What a run is started with: `{"question":"Where is my order o-17?"}`.
struct Question: Codable, Sendable {
    let question: String
    /// How many tokens the run may spend; 1,000 unless it says so.
    let budget: Int?
}

/// What a run leaves behind as its `output`.
struct Answer: Codable, Sendable {
    let answer: String
    /// How many tokens it took.
    let tokens: Int
}

/// A line of the conversation, as the model reads it.
struct Message: Codable, Sendable {
    enum Role: String, Codable, Sendable { case customer, tool, supervisor }

    let role: Role
    let text: String
}

/// What the model wants next: to say something, or to have a tool called.
struct Reply: Codable, Sendable {
    struct Call: Codable, Sendable {
        let tool: String
        let order: String
        let cents: Int?
    }

    let say: String?
    let call: Call?
    let tokens: Int
}

/// A supervisor's word on a call that needs it: `{"by":"Ann","cents":450000}`.
struct Verdict: Codable, Sendable {
    let by: String
    let cents: Int
}

/// The model has used up what the run may spend. No further attempt cures that.
struct BudgetSpent: TerminalError, CodedError, CustomStringConvertible {
    let tokens: Int
    let budget: Int
    var code: String { "budget_spent" }
    var description: String { "\(tokens) tokens are spent, and \(budget) were allowed: start the question again with a larger budget" }
}

extension StoreKey<[Message]> { static var conversation: Self { "conversation" } }
extension StoreKey<Int> { static var tokens: Self { "tokens" } }
extension StoreKey<Reply.Call> {
    static var call: Self { "call" }

    /// In the store `approvals`, which runs share: what a run waits for a word on, by the run's id.
    static func awaiting(_ run: RunID) -> Self { StoreKey("\(run)") }
}
extension StoreKey<String> { static var answer: Self { "answer" } }
