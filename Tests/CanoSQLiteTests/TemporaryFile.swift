#if SQLite
    import Foundation

    /// Runs the body with a path where there is no file, and removes what is there afterwards.
    func withTemporaryFile<Answer>(_ body: (String) async throws -> Answer) async throws -> Answer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cano-sqlite-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let answer: Answer
        do {
            answer = try await body(folder.appending(path: "checkpoints.sqlite").path)
        } catch {
            try FileManager.default.removeItem(at: folder)
            throw error
        }
        try FileManager.default.removeItem(at: folder)
        return answer
    }
#endif
