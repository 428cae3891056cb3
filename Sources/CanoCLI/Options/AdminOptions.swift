import ArgumentParser
import CanoAdmin
import CanoRedis

/// Where and to whom a bus is shown over HTTP.
struct AdminOptions: ParsableArguments {
    @Option(
        name: .customLong("admin"),
        help: "Where pages, probes and metrics are served over HTTP, such as 127.0.0.1:9464. (default: nowhere)")
    var address: String?

    @Option(
        name: .customLong("admin-token-file"),
        help: ArgumentHelp(
            "The file of the token that must be shown for all but probes. An address that other machines can reach needs one."))
    var tokenFile: String?

    @Flag(name: .customLong("admin-read-only"), help: "Let nothing be changed on the pages.")
    var isReadOnly = false

    @Option(name: .customLong("admin-base-path"), help: "What a proxy in front of it adds before each path, such as /cano.")
    var basePath: String?

    func validate() throws {
        do { _ = try configuration() } catch { throw ValidationError(error.message) }
    }

    /// Where the bus is shown; nil for nowhere.
    ///
    /// - Returns: The configuration; nil for nowhere.
    /// - Throws: ``AdminError``, which says what to give instead.
    func configuration() throws(AdminError) -> AdminConfiguration? {
        guard let address else {
            guard tokenFile == nil else { throw AdminError.tokenWithoutAddress }
            return nil
        }
        let token: AdminToken? = if let tokenFile { try AdminToken(file: tokenFile) } else { nil }
        var configuration = try AdminConfiguration(address: try AdminAddress(address), token: token)
        configuration.isReadOnly = isReadOnly
        if let basePath { try configuration.setBasePath(basePath) }
        return configuration
    }
}

extension RedisConfiguration {
    /// The same server as pages look at it: they say early that it does not answer.
    var forPages: RedisConfiguration {
        var configuration = self
        configuration.commandTimeout = .seconds(3)
        return configuration
    }
}
