export declare function claimGo(path: string): string | undefined
