/// The floors of one target, as the documentation draws them: a folder uses folders on lower floors only.
struct FloorPlan: Equatable {
    /// The target.
    let target: String
    /// The floor of each folder, given as its path inside the target.
    let floors: [String: Int]

    /// Reads every section `### The floors of <Target>`: a table of floors and folders, the folders in backticks.
    static func all(in document: String) -> [FloorPlan] {
        MarkdownTable.sections(in: document).compactMap { section in
            guard section.title.hasPrefix("The floors of ") else { return nil }
            var floors: [String: Int] = [:]
            for row in section.rows {
                guard row.count > 1, let floor = Int(row[0]) else { continue }
                for folder in MarkdownTable.code(in: row[1]) { floors[folder] = floor }
            }
            return FloorPlan(target: String(section.title.dropFirst("The floors of ".count)), floors: floors)
        }
    }

    /// The listed folder that a file, given by its path inside the target, is in: the innermost one; `nil` for a file outside.
    func folder(of path: String) -> String? {
        var folder = path.split(separator: "/").dropLast()
        while !folder.isEmpty {
            let name = folder.joined(separator: "/")
            if floors[name] != nil { return name }
            folder = folder.dropLast()
        }
        return nil
    }
}
