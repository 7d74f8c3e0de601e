# Installs agentos for its user on Windows: one file, checked against the release's SHA256SUMS first.
# It needs no administrator, adds its folder to the user's PATH only with -AddToPath, and leaves nothing behind when
# something is wrong. For Windows PowerShell 5.1 and later.
#
#   -From         folder or https address that holds a release (default: where this script is from)
#   -InstallDir   where the executable goes (default: %LOCALAPPDATA%\Programs\agentos)
[CmdletBinding()]
param(
  [string] $From = $env:AGENTOS_FROM,
  [string] $InstallDir = $env:AGENTOS_INSTALL_DIR,
  [switch] $AddToPath
)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$Release = ""

function Stop-Install([string] $Message, [string] $Hint) {
  [Console]::Error.WriteLine("error: $Message")
  [Console]::Error.WriteLine("hint: $Hint")
  exit 2
}

# Where the release is: what the user says, what the release wrote into this script, or the folder it lies in.
if (-not $From) { $From = $Release }
if (-not $From) { $From = $PSScriptRoot }
$IsAddress = $From -match '^https://|^http://(127\.0\.0\.1|localhost):'
if (-not $IsAddress -and $From -match '^http://') {
  Stop-Install "$From is not safe: whoever is on the way could change the files" 'Use an https address.'
}
if (-not $IsAddress -and -not ($From -and (Test-Path -LiteralPath (Join-Path $From 'SHA256SUMS')))) {
  Stop-Install 'There is no release beside this script' 'Name its folder or address with -From.'
}
if (-not [Environment]::Is64BitOperatingSystem) {
  Stop-Install 'There is no agentos for 32-bit Windows' 'It runs on 64-bit Windows.'
}
if (-not $InstallDir) { $InstallDir = Join-Path $env:LOCALAPPDATA 'Programs\agentos' }
$Target = Join-Path $InstallDir 'agentos.exe'

function Get-ReleaseFile([string] $Name, [string] $Path) {
  if (-not $IsAddress) {
    Copy-Item -LiteralPath (Join-Path $From $Name) -Destination $Path
    return
  }
  [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor 3072
  Invoke-WebRequest -UseBasicParsing -Uri "$($From.TrimEnd('/'))/$Name" -OutFile $Path
}

$WasThere = Test-Path -LiteralPath $InstallDir
$Work = Join-Path $InstallDir (".agentos-install-" + [Guid]::NewGuid().ToString('N'))
try {
  New-Item -ItemType Directory -Force -Path $Work | Out-Null
  $Sums = Join-Path $Work 'SHA256SUMS'
  Get-ReleaseFile 'SHA256SUMS' $Sums
  $Line = Get-Content -LiteralPath $Sums |
    Where-Object { $_ -match '^[0-9a-f]{64}  agentos-[0-9A-Za-z.-]+-windows-x64\.exe$' } | Select-Object -First 1
  if (-not $Line) { Stop-Install 'This release has nothing for windows-x64' 'Choose another release.' }
  $Wanted, $Name = $Line -split '  ', 2
  $Fresh = Join-Path $Work $Name
  Get-ReleaseFile $Name $Fresh
  $Found = (Get-FileHash -LiteralPath $Fresh -Algorithm SHA256).Hash.ToLowerInvariant()
  if ($Found -ne $Wanted) {
    Stop-Install "$Name is not what the release says: its SHA-256 is $Found, not $Wanted" `
      'Nothing was installed. Try again, and report it if it stays so.'
  }
  $Version = & $Fresh --version
  if ($LASTEXITCODE -ne 0) { Stop-Install "This machine cannot run $Name" 'Report it with the message above.' }
  # A running executable can be renamed, though not replaced.
  $Aside = "$Target.old"
  Remove-Item -LiteralPath $Aside -Force -ErrorAction SilentlyContinue
  if (Test-Path -LiteralPath $Target) { Move-Item -LiteralPath $Target -Destination $Aside -Force }
  Move-Item -LiteralPath $Fresh -Destination $Target
  Remove-Item -LiteralPath $Aside -Force -ErrorAction SilentlyContinue
} finally {
  Remove-Item -LiteralPath $Work -Recurse -Force -ErrorAction SilentlyContinue
  if (-not $WasThere -and -not (Test-Path -LiteralPath $Target)) {
    Remove-Item -LiteralPath $InstallDir -Force -ErrorAction SilentlyContinue
  }
}

Write-Output "$Version is installed as $Target"
if (($env:Path -split ';') -notcontains $InstallDir) {
  if ($AddToPath) {
    # By the registry, because [Environment] would put in what %NAME%s stand for, and lose them.
    $Key = [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Environment', $true)
    $Old = [string] $Key.GetValue('Path', '', [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
    $New = if ($Old) { "$($Old.TrimEnd(';'));$InstallDir" } else { $InstallDir }
    $Key.SetValue('Path', $New, [Microsoft.Win32.RegistryValueKind]::ExpandString)
    $Key.Close()
    # Tells running programs that the environment changed.
    [Environment]::SetEnvironmentVariable('AGENTOS_INSTALLED', $null, 'User')
    Write-Output "$InstallDir was added to your PATH; it holds in windows that open from now on."
  } else {
    [Console]::Error.WriteLine("notice: $InstallDir is not on PATH; run again with -AddToPath, or add it by hand.")
  }
}
Write-Output 'Next: agentos init, agentos service install, agentos sync push'
