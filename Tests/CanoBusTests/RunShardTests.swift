import CanoBus
import Testing

@Suite("The shard of a run", .timeLimit(.minutes(5)))
struct RunShardTests {
    /// What `CLUSTER KEYSLOT` says, and Redis Cluster's own test vector.
    private static let slots = ["123456789": 12_739, "foo": 12_182, "somekey": 11_058, "hash_tag": 2_515, "": 0]

    @Test("is the slot that Redis Cluster gives a key of that name", arguments: slots.keys.sorted())
    func vectors(name: String) {
        #expect(RunShard.of(name, among: 16_384) == Self.slots[name])
    }

    @Test("is that of what stands before the first //")
    func derived() {
        for name in ["foo//", "foo//a", "foo//a//b", "foo///"] { #expect(RunShard.of(name, among: 16_384) == 12_182, "\(name)") }
        #expect(RunShard.of("//foo", among: 16_384) == 0)
        #expect(RunShard.of("foo/a", among: 16_384) != 12_182)
    }

    @Test("is one of so many, and the only one where there are no others")
    func modulo() {
        for shards in 1...7 { #expect(RunShard.of("order-42", among: shards) == 26_368 % shards) }
        for none in [1, 0, -3] { #expect(RunShard.of("order-42", among: none) == 0) }
    }
}
