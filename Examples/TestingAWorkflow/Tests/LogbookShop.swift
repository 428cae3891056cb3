import CanoCore
import PaymentWorkflow
import Synchronization

/// Writes down what is asked of it, and does in the middle of that what a test has told it to.
final class LogbookShop: Shop {
    struct Busy: Error {}
    struct NoCarrier: TerminalError {}

    private struct State {
        var log: [String] = []
        var troubles: [String: (left: Int, cause: @Sendable () throws -> Void)] = [:]
    }

    private let state = Mutex(State())

    var log: [String] { state.withLock { $0.log } }

    /// The next calls of that name make trouble, so many of them.
    func on(_ call: String, times: Int = 1, _ cause: @escaping @Sendable () throws -> Void) {
        state.withLock { $0.troubles[call] = (times, cause) }
    }

    private func note(_ call: String, _ what: String) throws -> String {
        let cause = state.withLock { state -> (@Sendable () throws -> Void)? in
            state.log.append("\(call) \(what)")
            guard let trouble = state.troubles[call], trouble.left > 0 else { return nil }
            state.troubles[call] = (trouble.left - 1, trouble.cause)
            return trouble.cause
        }
        try cause?()
        return "\(call) \(what)"
    }

    func reserve(_ article: String, key: String) async throws -> String { try note("reserve", article) }
    func release(_ reservation: String, key: String) async throws { _ = try note("release", reservation) }
    func charge(_ cents: Int, key: String) async throws -> String { try note("charge", "\(cents)") }
    func refund(_ payment: String, key: String) async throws { _ = try note("refund", payment) }
    func ship(_ article: String, key: String) async throws -> String {
        _ = try note("ship", article)
        return "parcel with \(article)"
    }
}
