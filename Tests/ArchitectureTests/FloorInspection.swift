/// Finds what a target does against its floor plan.
///
/// A file may name types, and call functions, of its own folder and of folders on lower floors. A name counts where it stands
/// as a word of its own, in code. It does not count in a file that gives it a meaning itself: as a generic parameter, a
/// nested type or an associated type, its own or one of a type that it extends. So a `State` that is the parameter of a
/// generic type is never taken for a type called `State` in another folder; what such a name hides is not seen.
struct FloorInspection {
    /// A type or function of another folder that a file may not name.
    struct Arrow: Hashable, CustomStringConvertible {
        let file: String
        let floor: Int
        let name: String
        let otherFolder: String
        let otherFloor: Int

        var description: String { "Floor \(floor) \(file) names \(name) of floor \(otherFloor) \(otherFolder)" }
    }

    /// Arrows that go up or sideways, sorted.
    let arrows: [Arrow]
    /// Folders with sources that have no floor.
    let unlisted: [String]
    /// Folders that have a floor and don't exist.
    let missing: [String]

    /// Inspects a target.
    ///
    /// - Parameters:
    ///   - plan: The target's floors.
    ///   - files: The text of each of its Swift files, by the path inside the target.
    ///   - folders: All of its folders, those without Swift files included.
    init(_ plan: FloorPlan, files: [String: String], folders: Set<String>) {
        let sources = files.map { SwiftSource(path: $0.key, text: $0.value) }
        unlisted = Set(sources.filter { plan.folder(of: $0.path) == nil }.map { Self.folder(of: $0.path) }).sorted()
        missing = plan.floors.keys.filter { !folders.contains($0) }.sorted()
        var homes: [(name: String, isFunction: Bool, folder: String)] = []
        var members: [String: Set<String>] = [:]
        for source in sources {
            members.merge(source.members) { $0.union($1) }
            guard let folder = plan.folder(of: source.path) else { continue }
            homes += source.types.map { ($0, false, folder) } + source.functions.map { ($0, true, folder) }
        }
        var arrows: Set<Arrow> = []
        for source in sources {
            guard let folder = plan.folder(of: source.path), let floor = plan.floors[folder] else { continue }
            let hidden = source.extended.reduce(into: source.shadows.union(source.types)) { $0.formUnion(members[$1] ?? []) }
            for home in homes where home.folder != folder && !hidden.contains(home.name) {
                guard let otherFloor = plan.floors[home.folder], otherFloor >= floor else { continue }
                guard (home.isFunction ? source.calls : source.words).contains(home.name) else { continue }
                arrows.insert(
                    Arrow(
                        file: "Sources/\(plan.target)/\(source.path)", floor: floor, name: home.name, otherFolder: home.folder,
                        otherFloor: otherFloor))
            }
        }
        self.arrows = arrows.sorted { ($0.file, $0.name) < ($1.file, $1.name) }
    }

    private static func folder(of path: String) -> String {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        return folder.isEmpty ? "." : folder
    }
}
