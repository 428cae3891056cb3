import CanoClient

extension WorkerFinding {
    /// The finding as a line: a mark, the rule, and what was seen.
    var line: String {
        switch outcome {
        case .kept(let seen): "✓ \(rule.rawValue)" + (seen.isEmpty ? "" : ": \(seen)")
        case .broken(let did, let remedy): "✗ \(rule.rawValue): \(did) \(remedy)"
        case .notTried(let reason): "- \(rule.rawValue): not tried, \(reason)"
        }
    }
}
