import CanoTesting
import Foundation
import Testing

@testable import CanoEmbeddedRedis

@Suite("A state folder", .timeLimit(.minutes(5)))
struct StateFolderTests {
    @Test("is made for its owner alone, with all that leads to it")
    func made() async throws {
        try await withTemporaryFolder { parent in
            let folder = try StateFolder(parent + "/a/b/")
            #expect(folder.path == parent + "/a/b")
            #expect(folder.path(of: "redis.sock") == parent + "/a/b/redis.sock")
            let permissions = try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int
            #expect(permissions == 0o700)
        }
    }

    @Test("serves one at a time, and the next once the first is gone")
    func exclusive() async throws {
        try await withTemporaryFolder { parent in
            var first: StateFolder? = try StateFolder(parent)
            let error = #expect(throws: EmbeddedRedisError.self) { _ = try StateFolder(parent) }
            #expect(error?.message.contains("is in use by another process") == true)
            #expect(first != nil)
            first = nil
            // A process that another test starts meanwhile has the first one's lock until it becomes its own program.
            try await eventually(within: .seconds(30), "the next one has the folder") {
                do {
                    _ = try StateFolder(parent)
                    return true
                } catch let error as EmbeddedRedisError where error.message.contains("is in use by another process") {
                    return false
                }
            }
        }
    }

    @Test("leaves the server's lock to be taken")
    func serverLock() async throws {
        try await withTemporaryFolder { parent in
            let folder = try StateFolder(parent)
            let other = try FileLock(folder.path(of: "redis.lock"))
            #expect(try other.take())
            #expect(try !folder.serverLock.take())
        }
    }

    @Test("must have a path that leaves room for a socket's name")
    func long() {
        let error = #expect(throws: EmbeddedRedisError.self) {
            _ = try StateFolder(NSTemporaryDirectory() + String(repeating: "x", count: 100))
        }
        #expect(error?.message.contains("too long") == true)
    }

    @Test("can't be where a file is")
    func file() async throws {
        try await withTemporaryFolder { parent in
            let path = parent + "/file"
            try Data().write(to: URL(filePath: path))
            let error = #expect(throws: EmbeddedRedisError.self) { _ = try StateFolder(path) }
            #expect(error?.message.contains("--state-dir") == true)
        }
    }

    @Test("removes a file, and does nothing when there is none")
    func remove() async throws {
        try await withTemporaryFolder { parent in
            let folder = try StateFolder(parent)
            try Data().write(to: URL(filePath: folder.path(of: "redis.pid")))
            for _ in 1...2 { try folder.remove("redis.pid") }
            #expect(!FileManager.default.fileExists(atPath: folder.path(of: "redis.pid")))
        }
    }

    private func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
        let folder = "/tmp/cano-cli-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: folder) } }
        try await body(folder)
    }
}
