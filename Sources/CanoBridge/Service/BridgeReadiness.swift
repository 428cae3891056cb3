public import CanoCore
import CanoPrimitives

/// Whether a bridge does its work, check by check: what a readiness probe answers.
public struct BridgeReadiness: Sendable, Hashable {
    /// One thing that has to be right.
    public struct Check: Sendable, Hashable {
        /// What was checked: `redis`, `scripts`, `intake`, `draining` or `resources`.
        public let name: String
        /// Whether it is right.
        public let isPassed: Bool
        /// Why it is not, or what deserves a look although it is; nil where there is nothing to say.
        public let reason: String?
    }

    /// All of them, in the order in which a person would look.
    public let checks: [Check]

    /// Whether all are right.
    public var isReady: Bool { checks.allSatisfy(\.isPassed) }

    /// What was seen of one shard of the bus, or of a bus that is not divided.
    public struct Shard: Sendable, Hashable {
        let prefix: String
        let redisProblem: String?
        let silence: Duration?

        /// Says what was seen.
        ///
        /// - Parameters:
        ///   - prefix: The prefix of its keys.
        ///   - redisProblem: Why Redis did not answer; nil where it did.
        ///   - silence: The time since a heartbeat, which is a script, was answered; nil where none was.
        public init(prefix: String, redisProblem: String?, silence: Duration?) {
            self.prefix = prefix
            self.redisProblem = redisProblem
            self.silence = silence
        }

        fileprivate func scriptProblem(_ patience: Duration) -> String? {
            switch silence {
            case nil: "no script has been answered yet"
            case let silence? where silence > patience:
                "the last heartbeat that a script answered was \(silence.wholeMilliseconds / 1_000) s ago"
            default: nil
            }
        }
    }

    /// Decides by what was seen. A bridge of several shards is ready while one of them is. Pure.
    ///
    /// - Parameters:
    ///   - phase: How far the bridge is.
    ///   - shards: What was seen of each shard.
    ///   - patience: How long heartbeats may fail to be answered.
    ///   - health: How the resources of the workflows are.
    public init(phase: Bridge.Phase, shards: [Shard], patience: Duration, health: HealthReport) {
        let intake: String? =
            switch phase {
            case .starting: "the bridge starts, and has read nothing yet"
            case .stopped: "the bridge has stopped"
            case .serving, .draining: nil
            }
        checks = [
            Self.check("redis", shards, \.redisProblem),
            Self.check("scripts", shards) { $0.scriptProblem(patience) },
            Check(name: "intake", isPassed: intake == nil, reason: intake),
            Check(
                name: "draining", isPassed: phase != .draining,
                reason: phase == .draining ? "the bridge is being stopped: it hands its runs over" : nil),
            Check(name: "resources", isPassed: health.isReady, reason: health.overall == .healthy ? nil : health.description),
        ]
    }

    /// Whether a shard has no such problem, and which have.
    private static func check(_ name: String, _ shards: [Shard], _ problem: (Shard) -> String?) -> Check {
        let problems = shards.compactMap { shard in
            problem(shard).map { shards.count > 1 ? "\(shard.prefix): \($0)" : $0 }
        }
        return Check(
            name: name, isPassed: problems.count < max(1, shards.count), reason: problems.isEmpty ? nil : problems.joined(separator: "; "))
    }
}
