import CanoRedis

/// What is the matter with a bus of several shards, by what each looks like. Pure.
///
/// What is found of all shards alike is said once, and of the others with the shards that it is of. Shards on the same server share what is found of
/// that.
struct ShardedDiagnosis: Sendable {
    /// What looking at a shard came to.
    enum Look: Sendable {
        case facts(BusFacts)
        case failure(RedisError)

        /// Why there are no facts.
        var error: RedisError? {
            if case .failure(let error) = self { error } else { nil }
        }
    }

    private let looks: [(prefix: String, look: Look)]

    init(of looks: [(prefix: String, look: Look)]) { self.looks = looks }

    /// All that was looked at, the gravest first.
    var findings: [BusFinding] {
        let found = ofServers + looks.flatMap { prefix, look in ofShard(look).map { $0.of([prefix]) } }
        var (order, shards): ([BusFinding], [BusFinding: [String]]) = ([], [:])
        for finding in found {
            let said = finding.of([])
            if shards[said] == nil { order.append(said) }
            shards[said, default: []] += finding.shards
        }
        return BusDiagnosis.sorted(
            order.map { finding in
                let those = shards[finding] ?? []
                return those.count == looks.count ? finding : finding.of(those)
            })
    }

    private var ofServers: [BusFinding] {
        var (order, servers): ([String], [String: [(prefix: String, facts: BusFacts)]]) = ([], [:])
        for (prefix, look) in looks {
            guard case .facts(let facts) = look else { continue }
            // Where it can't be told which server it is, each is looked at for itself.
            let server = facts.info?["run_id"] ?? prefix
            if servers[server] == nil { order.append(server) }
            servers[server, default: []].append((prefix, facts))
        }
        return order.flatMap { server -> [BusFinding] in
            guard let shards = servers[server], let first = shards.first else { return [] }
            let diagnosis = BusDiagnosis(of: first.facts, forecast: MemoryForecast(shards.map(\.facts)))
            return diagnosis.ofServer.map { $0.of(shards.map(\.prefix)) }
        }
    }

    private func ofShard(_ look: Look) -> [BusFinding] {
        switch look {
        case .facts(let facts): BusDiagnosis(of: facts, forecast: nil).ofShard
        case .failure(let error):
            [
                BusFinding(
                    .error, "server", "can't be asked: \(error)",
                    remedy: "See whether its Redis runs and can be reached: until then its runs and schedules stand still.")
            ]
        }
    }
}
