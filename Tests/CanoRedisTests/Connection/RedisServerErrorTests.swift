import Testing

@testable import CanoRedis

@Suite("What a server answers as an error", .timeLimit(.minutes(5)))
struct RedisServerErrorTests {
    @Test(
        "is explained with what to do, in the words of old servers and of new ones",
        arguments: [
            ("NOPERM this user has no permissions to run the 'config|get' command", "+config|get"),
            ("NOPERM User ann has no permissions to run the 'xadd' command", "+xadd"),
            ("NOPERM this user has no permissions to access one of the keys used as arguments", "~<pattern>"),
            ("MOVED 3999 10.0.0.7:6380", "don't agree yet"), ("ASK 3999 10.0.0.7:6380", "once it is there"),
            ("TRYAGAIN Multiple keys request during rehashing of slot", "once it is there"),
        ])
    func advice(_ message: String, advice: String) {
        let explanation = RedisServerError(message: message).explanation()
        #expect(explanation.hasPrefix(message + " ("))
        #expect(explanation.dropFirst(message.count).contains(advice))
    }

    @Test(
        "passes by itself, or does not",
        arguments: [
            ("UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)", true),
            ("MOVED 3999 10.0.0.7:6380", true), ("ASK 3999 10.0.0.7:6380", true), ("CLUSTERDOWN The cluster is down", true),
            ("TRYAGAIN Multiple keys request during rehashing of slot", true), ("NOREPLICAS Not enough good replicas to write.", true),
            ("ERR Script attempted to access a non local key in a cluster node script: f00d, on @user_script:2.", true),
            ("CROSSSLOT Keys in request don't hash to the same slot", false), ("ERR syntax error", false),
            ("NOSCRIPT No matching script.", false),
        ])
    func passing(_ message: String, isPassing: Bool) {
        #expect(RedisError(RedisServerError(message: message)).isPassing == isPassing)
    }

    @Test("is left as it is where nothing can be added")
    func plain() {
        let message = "WRONGTYPE Operation against a key holding the wrong kind of value"
        #expect(RedisServerError(message: message).explanation() == message)
    }

    @Test("names the command that a script may not run, in the words of new servers")
    func script() {
        let script = RedisScript(name: "s", source: Array("#!lua\nhelp(redis.call)".utf8))
        let error = RedisServerError(
            message: "ERR ACL failure in script: User ann has no permissions to run the 'hset' command script: f00d, on @user_script:2.")
        #expect(
            RedisError(error, of: script).message.hasSuffix("(script s, line 2) (an operator allows it with: ACL SETUSER <user> +hset)"))
    }
}
