# SPDX-License-Identifier: Apache-2.0
# Records Winsock's sends and receives for bufcheck, until a key is pressed.
# Not run yet: written by the documentation of wpr and logman (docs/record/README.md).
#
#     record.ps1 [-Output capture.etl] [-MinimumFreeGB 5]
#
# Needs an elevated console. Takes wpr with bufcheck.wprp of this script's folder, which records
# stacks and names; where wpr is missing logman, which records neither.
param(
    [string]$Output = "capture.etl",
    [int]$MinimumFreeGB = 5
)
Set-StrictMode -Version 2
$ErrorActionPreference = "Stop"
$instance = "bufcheck"
$provider = "Microsoft-Windows-Winsock-AFD"

function Stop-With([string]$message) {
    Write-Host "record: $message"
    exit 2
}

$identity = [Security.Principal.WindowsIdentity]::GetCurrent()
$administrator = [Security.Principal.WindowsBuiltInRole]::Administrator
if (-not (New-Object Security.Principal.WindowsPrincipal($identity)).IsInRole($administrator)) {
    Stop-With "recording needs an elevated console: run PowerShell as administrator"
}

$Output = [IO.Path]::GetFullPath([IO.Path]::Combine((Get-Location).Path, $Output))
if (Test-Path $Output) {
    Stop-With "$Output is there already: name another file with -Output"
}
$drive = New-Object IO.DriveInfo([IO.Path]::GetPathRoot($Output))
$free = [math]::Floor($drive.AvailableFreeSpace / 1GB)
if ($free -lt $MinimumFreeGB) {
    Stop-With "$($drive.Name) has $free GB free, $MinimumFreeGB GB are wanted (-MinimumFreeGB)"
}

$profile_path = Join-Path $PSScriptRoot "bufcheck.wprp"
$wpr = Get-Command "wpr.exe" -ErrorAction SilentlyContinue
if ($wpr -and -not (Test-Path $profile_path)) {
    Stop-With "bufcheck.wprp is not beside this script"
}
if ($wpr) {
    & wpr.exe -start "$profile_path!Bufcheck" -filemode -instancename $instance
} else {
    Write-Host "record: there is no wpr: logman records without stacks and names"
    & logman.exe start $instance -p $provider 0xFF 5 -o $Output -bs 1024 -nb 64 256 -ets
}
if ($LASTEXITCODE -ne 0) {
    Stop-With "the recording could not be started (exit status $LASTEXITCODE)"
}

Write-Host "record: recording. 10,000 sends and receives a second make half a GB a minute;"
Write-Host "record: $free GB are free. Start your program, let it happen, let its traffic drain."
try {
    Read-Host "record: press Enter to stop" | Out-Null
} finally {
    if ($wpr) {
        & wpr.exe -stop $Output "bufcheck" -instancename $instance
    } else {
        & logman.exe stop $instance -ets
    }
}
if (-not (Test-Path $Output)) {
    Stop-With "no file was written"
}
$size = (Get-Item $Output).Length
Write-Host "record: $Output has $([math]::Round($size / 1MB, 1)) MB."
if ($size -lt 64KB) {
    Write-Host "record: that is next to nothing: was the program running meanwhile?"
}
Write-Host "record: send that file, and say which program it is about and what went wrong when."
Write-Host "record: it names processes, modules, addresses and peers, and holds no data sent."
