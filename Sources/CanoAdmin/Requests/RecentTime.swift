/// A time that ends now, as lists of runs can be asked for.
enum RecentTime: String, Sendable, CaseIterable {
    case hour = "1h"
    case day = "24h"
    case week = "7d"
    case month = "30d"

    /// How long it is.
    var milliseconds: Int64 {
        switch self {
        case .hour: 3_600_000
        case .day: 86_400_000
        case .week: 7 * 86_400_000
        case .month: 30 * 86_400_000
        }
    }

    private var text: String {
        switch self {
        case .hour: "the last hour"
        case .day: "the last 24 hours"
        case .week: "the last 7 days"
        case .month: "the last 30 days"
        }
    }

    /// What a form offers.
    static func choices(_ times: [RecentTime]) -> [(value: String, text: String)] {
        [(value: "", text: "whenever")] + times.map { (value: $0.rawValue, text: $0.text) }
    }
}

extension FormFields {
    /// The time that `since` asks for, if it does.
    ///
    /// - Throws: ``RequestProblem`` with the status 400.
    func since(_ times: [RecentTime]) throws(RequestProblem) -> RecentTime? {
        guard let text = self["since"] else { return nil }
        guard let time = RecentTime(rawValue: text), times.contains(time) else {
            throw RequestProblem(400, "\"since\" has to be one of \(times.map(\.rawValue).joined(separator: ", ")).")
        }
        return time
    }

    /// The moment that `since` means, if it is there: so long ago, or a moment as it is written.
    ///
    /// - Parameters:
    ///   - times: How long ago it may be.
    ///   - now: Milliseconds since 1970.
    /// - Returns: Milliseconds since 1970.
    /// - Throws: ``RequestProblem`` with the status 400.
    func since(_ times: [RecentTime], by now: () async throws -> Int64) async throws -> Int64? {
        guard let text = self["since"] else { return nil }
        if let time = RecentTime(rawValue: text), times.contains(time) { return try await now() - time.milliseconds }
        guard let moment = Self.moment(text) else {
            throw RequestProblem(
                400,
                "\"since\" has to be one of \(times.map(\.rawValue).joined(separator: ", ")), or a moment, such as \(Self.momentExample).")
        }
        return moment
    }
}
