import CanoBridge
import CanoPrimitives

/// What probes are answered. Pure.
struct HealthAnswer: Sendable, Hashable {
    /// 200, or 503 where the bridge should be sent no work.
    let status: Int
    /// JSON.
    let body: String

    /// The process lives and answers.
    static let alive = HealthAnswer(status: 200, body: #"{"status":"alive"}"#)

    /// Whether the bridge does its work: each check by its name, with `ok` and, where there is something to say, `reason`.
    init(_ readiness: BridgeReadiness) {
        self.init(readiness.checks.map { (name: $0.name, isPassed: $0.isPassed, reason: $0.reason) })
    }

    /// Whether Redis answers, which is all that a server without a bridge needs.
    ///
    /// - Parameter redisProblem: Why it does not; nil where it does.
    init(redisProblem: String?) {
        self.init([(name: "redis", isPassed: redisProblem == nil, reason: redisProblem)])
    }

    /// The same of a bus of several shards, which is ready while one answers.
    ///
    /// - Parameters:
    ///   - outages: Why some do not.
    ///   - shards: How many there are.
    init(outages: [String], ofShards shards: Int) {
        let reason = outages.isEmpty ? nil : outages.joined(separator: "; ")
        self.init([(name: "redis", isPassed: outages.count < shards, reason: reason)])
    }

    private init(_ all: [(name: String, isPassed: Bool, reason: String?)]) {
        let isReady = all.allSatisfy(\.isPassed)
        status = isReady ? 200 : 503
        var checks = JSONWriter()
        for check in all {
            var writer = JSONWriter()
            writer.member("ok", check.isPassed)
            if let reason = check.reason { writer.member("reason", reason) }
            checks.member(check.name, json: writer.object)
        }
        var writer = JSONWriter()
        writer.member("status", isReady ? "ready" : "not ready")
        writer.member("checks", json: checks.object)
        body = writer.object
    }

    private init(status: Int, body: String) {
        self.status = status
        self.body = body
    }
}
