Every jar in lib/ and its licenses. The text of each is beside this file; folders hold the notices that
the jars contain and those of the native libraries. Where there are two licenses, you may choose.

<#list dependencyMap as entry>
<#assign p = entry.getKey() licenses = entry.getValue()>
${p.groupId}:${p.artifactId}:${p.version}  ${licenses?join(", ")}
</#list>
