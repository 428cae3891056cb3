import CanoTesting

@testable import CanoRedis

extension RESPValue {
    /// A reply as servers make them and not: entries of streams, lists of pairs, words with more behind them. Most of its strings are
    /// some of the texts.
    init(random: inout SeededGenerator, texts: [String], depth: Int = 0) {
        func list(_ random: inout SeededGenerator, depth: Int) -> [RESPValue] {
            (0..<random.below(6)).map { _ in RESPValue(random: &random, texts: texts, depth: depth) }
        }
        switch random.below(depth < 5 ? 10 : 5) {
        case 0: self = .null
        case 1: self = .integer(random.integer())
        case 2 where random.once(in: 4): self = .error(RedisServerError(message: random.one(of: ["BUSYGROUP x", "ERR x", ""])))
        case 2: self = .simple(random.one(of: texts))
        case 3: self = .bulk((0..<random.below(6)).map { _ in UInt8(random.below(256)) })
        case 4, 5: self = .bulk(Array(random.one(of: texts).utf8))
        case 6: self = .array([.bulk(Array(random.one(of: texts).utf8)), .array(list(&random, depth: depth + 2))])
        case 7: self = .array([.bulk(Array(random.one(of: texts).utf8))] + list(&random, depth: depth + 1))
        default: self = .array(list(&random, depth: depth + 1))
        }
    }
}
