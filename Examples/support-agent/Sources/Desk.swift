import CanoCore

/// The tools of the agent: what it may look up, and what it may do.
struct Desk: Sendable {
    private struct Order {
        let article: String
        let cents: Int
        let status: String
    }

    private let orders = [
        "o-17": Order(article: "tea", cents: 900, status: "lost"), "o-18": Order(article: "piano", cents: 450_000, status: "lost"),
        "o-19": Order(article: "cup", cents: 800, status: "on its way"),
    ]

    /// Larger refunds are for people to decide, whatever the model thinks.
    func needsApproval(_ call: Reply.Call) -> Bool { call.tool == "refund" && (call.cents ?? 0) > 5_000 }

    /// What the tool answers, as the model reads it. A call that makes no sense is answered as well: the model may do better then.
    func use(_ call: Reply.Call, key: String) async throws -> String {
        guard let order = orders[call.order] else { return "there is no order \(call.order)" }
        switch call.tool {
        case "look_up": return "\(call.order): \(order.article), \(order.cents) cents, \(order.status)"
        case "refund": return call.cents ?? 0 <= order.cents ? "refunded \(call.cents ?? 0) cents" : "that is more than the order was"
        default: return "there is no tool \(call.tool): there are look_up and refund"
        }
    }
}
