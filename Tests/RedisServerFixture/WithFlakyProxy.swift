/// Runs `body` with a proxy before `server` and stops it however `body` ends.
package func withFlakyProxy<Result>(to server: RedisServer, _ body: (FlakyProxy) async throws -> Result) async throws -> Result {
    let path = server.folder.file("proxy-\(UInt32.random(in: 0 ... .max)).sock")
    let proxy = try await FlakyProxy.start(to: server.socketPath, listeningOn: path)
    do {
        let result = try await body(proxy)
        await proxy.stop()
        return result
    } catch {
        await proxy.stop()
        throw error
    }
}
