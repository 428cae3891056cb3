import CanoTesting
import Testing

@testable import CanoClient

@Suite("The lists of several shards", .timeLimit(.minutes(1)))
struct ShardMergeTests {
    /// Takes all there is, reading parts of that size.
    private static func all(_ shards: [[Int]], part: Int) -> [Int] {
        var merge = ShardMerge<Int>(shards: shards.count, inOrder: >)
        var (read, all) = (Array(repeating: 0, count: shards.count), [Int]())
        while !merge.isAtEnd {
            for (shard, last) in merge.lacking {
                let rest = shards[shard].dropFirst(read[shard])
                #expect(last == (read[shard] == 0 ? nil : shards[shard][read[shard] - 1]))
                merge.add(ShardPart(elements: Array(rest.prefix(part)), isLast: rest.count < part), of: shard)
                read[shard] = min(shards[shard].count, read[shard] + part)
            }
            while let next = merge.next() { all.append(next.element) }
        }
        return all
    }

    @Test(
        "are one list in order, however little is read at once",
        arguments: [
            [[]], [[3, 2, 1]], [[], [], []], [[9], [], [7]], [[9, 8, 7], [6, 5, 4]], [[9, 6, 3], [8, 5, 2], [7, 4, 1]],
            [[5, 5, 5], [5, 5], [5]], [[100], Array((0..<50).reversed()), [75, 25]],
        ], [1, 2, 3, 1_000])
    func order(shards: [[Int]], part: Int) {
        #expect(Self.all(shards, part: part) == shards.joined().sorted(by: >))
    }

    @Test("give nothing while one has not shown what it has next")
    func lacking() {
        var merge = ShardMerge<Int>(shards: 2, inOrder: >)
        merge.add(ShardPart(elements: [5, 1], isLast: false), of: 0)
        #expect(merge.next() == nil)
        #expect(merge.lacking.map(\.shard) == [1])
        merge.add(ShardPart(elements: [4], isLast: false), of: 1)
        #expect(merge.next()?.element == 5)
        #expect(merge.next()?.element == 4)
        #expect(merge.next() == nil)
        #expect(merge.lacking.map(\.shard) == [1] && merge.lacking.map(\.last) == [4])
        merge.add(ShardPart(elements: [], isLast: true), of: 1)
        #expect(merge.next()?.element == 1)
        #expect(!merge.isAtEnd)
        merge.add(ShardPart(elements: [], isLast: true), of: 0)
        #expect(merge.isAtEnd && merge.next() == nil)
    }

    @Test("take what comes at the same place from the lower shard first")
    func ties() {
        var merge = ShardMerge<String>(shards: 3) { $0.first ?? " " < $1.first ?? " " }
        for shard in 0..<3 { merge.add(ShardPart(elements: ["a\(shard)", "b\(shard)"], isLast: true), of: shard) }
        #expect((0..<6).compactMap { _ in merge.next()?.element } == ["a0", "a1", "a2", "b0", "b1", "b2"])
    }

    @Test(
        "are read in parts that come to what is wanted, and one alone as if there were no others",
        arguments: [(1, 100, 100), (1, 1, 1), (2, 100, 100), (4, 100, 50), (16, 100, 20), (256, 500, 20), (16, 10, 10)])
    func share(shards: Int, count: Int, share: Int) {
        #expect(ShardMerge<Int>.share(of: count, among: shards) == share)
    }

    @Test("count what is on them together: queues, workers, bridges and workflows")
    func merged() {
        let queues = TaskQueue.merged([
            [
                TaskQueue(
                    name: "mail", waiting: 2, held: 1, oldestWaiting: .seconds(3),
                    workers: [QueueWorker(name: "w", inHand: 1, silence: .seconds(9))])
            ],
            [
                TaskQueue(name: "fax", waiting: 1),
                TaskQueue(
                    name: "mail", waiting: 3, inHand: 4, oldestWaiting: .seconds(5), oldestInHand: .seconds(1),
                    workers: [
                        QueueWorker(name: "w", inHand: 3, silence: .seconds(2)), QueueWorker(name: "v", inHand: 1, silence: .seconds(4)),
                    ]),
            ],
        ])
        #expect(
            queues == [
                TaskQueue(name: "fax", waiting: 1),
                TaskQueue(
                    name: "mail", waiting: 5, held: 1, inHand: 4, oldestWaiting: .seconds(5), oldestInHand: .seconds(1),
                    workers: [
                        QueueWorker(name: "w", inHand: 4, silence: .seconds(2)), QueueWorker(name: "v", inHand: 1, silence: .seconds(4)),
                    ]),
            ])
        let bridges = KnownBridge.merged([
            [KnownBridge("b", silence: .seconds(1), workflows: ["w@1"]), KnownBridge("c", silence: .zero, workflows: [])],
            [KnownBridge("b", silence: .seconds(40), workflows: ["v@1", "w@1"])],
        ])
        #expect(
            bridges == [
                KnownBridge("c", silence: .zero, workflows: []), KnownBridge("b", silence: .seconds(40), workflows: ["v@1", "w@1"]),
            ])
        let workflows = ServedWorkflow.merged([
            [ServedWorkflow("w", version: nil, scheduled: 1), ServedWorkflow("w", version: "1", bridges: ["b"], running: 1)],
            [
                ServedWorkflow("a", version: "1"),
                ServedWorkflow("w", version: "1", bridges: ["b", "c"], running: 2, waiting: 3, scheduled: 4),
            ],
        ])
        #expect(
            workflows == [
                ServedWorkflow("a", version: "1"), ServedWorkflow("w", version: nil, scheduled: 1),
                ServedWorkflow("w", version: "1", bridges: ["b", "c"], running: 3, waiting: 3, scheduled: 4),
            ])
    }
}
