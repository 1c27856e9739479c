export declare function claimZig(path: string): string | undefined
