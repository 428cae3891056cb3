import CanoRedis
import Testing

@testable import CanoEmbeddedRedis

@Suite("The embedded server", .timeLimit(.minutes(5)))
struct EmbeddedRedisTests {
    @Test(
        "prints the URL of its socket so that it can be read back", arguments: ["/tmp/redis.sock", "/tmp/my state @ 100%?#/ü/a:b+c.sock"])
    func socketURL(_ path: String) throws {
        let url = EmbeddedRedis.socketURL(path)
        #expect(!url.contains(" "))
        #expect(try RedisConfiguration(url: url).address == .unixSocket(path: path))
    }

    @Test("prints plain paths as they are")
    func plain() {
        #expect(EmbeddedRedis.socketURL("/home/ada/.local/state/cano/redis.sock") == "unix:///home/ada/.local/state/cano/redis.sock")
    }
}
